-- title: ShareGPT conversations with an image, one a description
-- params: lo BIGINT  first image; hi BIGINT  last image; human VARCHAR  what the user says
-- returns: line
SELECT
    to_json({
        'messages': [
            {'role': 'user', 'content': '<image>' || chr(10) || $human},
            {'role': 'assistant', 'content': t.text}
        ],
        'images': [e.image]
    })::VARCHAR || chr(10) AS line
FROM memory.main.exported AS e
JOIN memory.main.texts AS t ON t.image_key = e.image_key
WHERE e.number BETWEEN $lo AND $hi
ORDER BY e.number, t.description_id
