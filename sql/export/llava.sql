-- title: LLaVA conversations, one a description
-- params: lo BIGINT  first image; hi BIGINT  last image; human VARCHAR  what the human says
-- returns: line
WITH part AS (
    SELECT
        e.number,
        e.image_id,
        e.image,
        d.description_id,
        row_number() OVER (PARTITION BY e.number ORDER BY d.description_id) AS place
    FROM memory.main.exported AS e
    JOIN descriptions AS d ON d.image_id = e.image_id
    WHERE e.number BETWEEN $lo AND $hi
)
SELECT
    to_json({
        'id': p.image_id || CASE WHEN p.place > 1 THEN '-' || p.place ELSE '' END,
        'image': p.image,
        'conversations': [
            {'from': 'human', 'value': '<image>' || chr(10) || $human},
            {'from': 'gpt', 'value': t.text}
        ]
    })::VARCHAR || chr(10) AS line
FROM part AS p
JOIN memory.main.texts AS t ON t.description_id = p.description_id AND t.image_id = p.image_id
ORDER BY p.number, p.place
