-- title: Images of MedTrinity rows, with embedded or joined pixels or none
-- params: none
-- returns: fields of an image, from given, pixels, matches and sizes; variables prefix, copy, source, default_source
WITH fitting AS (
    SELECT *
    FROM matches
    WHERE same AND row NOT IN (SELECT row FROM pixels)
)
SELECT
    g.image_id,
    coalesce(nullif(getvariable('source'), ''), g.source, getvariable('default_source')) AS source,
    g.source AS source_raw,
    g.name AS file_name,
    CASE
        WHEN p.row IS NOT NULL AND getvariable('copy') THEN 'lance:' || p.sha256
        WHEN p.row IS NOT NULL THEN getvariable('prefix') || g.row
        WHEN m.same THEN m.uri
    END AS uri,
    coalesce(p.width, m.width, s.width) AS width,
    coalesce(p.height, m.height, s.height) AS height,
    coalesce(p.channels, m.channels, s.channels) AS channels,
    coalesce(p.bit_depth, m.bit_depth, s.bit_depth) AS bit_depth,
    coalesce(p.sha256, CASE WHEN m.same THEN m.sha256 END) AS sha256,
    md5(concat_ws(chr(31), coalesce(g.caption, ''), p.sha256)) AS content_hash,
    g.extra
FROM given AS g
LEFT JOIN pixels AS p ON p.row = g.row
LEFT JOIN fitting AS m ON m.row = g.row
LEFT JOIN sizes AS s ON s.uri = m.uri
WHERE g.image_id IS NOT NULL
ORDER BY g.row
