-- title: Captions of MedTrinity rows, verbatim
-- params: none
-- returns: image_id, text, kind, content_hash, from given and pixels
SELECT
    g.image_id,
    g.caption AS text,
    'published' AS kind,
    md5(concat_ws(chr(31), g.caption, p.sha256)) AS content_hash
FROM given AS g
LEFT JOIN pixels AS p ON p.row = g.row
WHERE g.image_id IS NOT NULL AND regexp_matches(g.caption, '\S')
