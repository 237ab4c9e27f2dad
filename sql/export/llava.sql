-- title: LLaVA conversations, one a description
-- params: lo BIGINT  first image; hi BIGINT  last image; human VARCHAR  what the human says
-- returns: line
WITH part AS (
    SELECT
        e.number,
        e.image_id,
        e.image,
        t.text,
        row_number() OVER (PARTITION BY e.number ORDER BY t.description_id) AS place
    FROM memory.main.exported AS e
    JOIN memory.main.texts AS t ON t.image_key = e.image_key
    WHERE e.number BETWEEN $lo AND $hi
)
SELECT
    to_json({
        'id': image_id || CASE WHEN place > 1 THEN '-' || place ELSE '' END,
        'image': image,
        'conversations': [
            {'from': 'human', 'value': '<image>' || chr(10) || $human},
            {'from': 'gpt', 'value': text}
        ]
    })::VARCHAR || chr(10) AS line
FROM part
ORDER BY number, place
