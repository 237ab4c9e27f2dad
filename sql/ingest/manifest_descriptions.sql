-- title: Published texts of a manifest, each once an image
-- params: none
-- returns: image_id, text, kind, content_hash, from manifest_rows
SELECT
    image_id,
    caption AS text,
    'published' AS kind,
    content_hash
FROM manifest_rows
WHERE NOT nameless AND caption IS NOT NULL
GROUP BY ALL
ORDER BY min(row)
