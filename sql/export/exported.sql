-- title: Number the images that are exported, by row key, and say what stands for each one's pixels
-- params: none
-- returns: nothing
CREATE TABLE memory.main.exported AS
SELECT
    row_number() OVER (ORDER BY c.image_key) AS number,
    c.image_key,
    c.image_id,
    c.source,
    c.license,
    c.redistributable,
    CASE
        WHEN s.path IS NOT NULL THEN s.path
        WHEN regexp_matches(c.uri, '^(tar|tarzst|parquet|lance):|~[0-9a-f]{32}') THEN coalesce(c.file_name, c.uri)
        ELSE coalesce(c.uri, c.file_name, c.image_id)
    END AS image,
    coalesce(s.linked, false) AS linked
FROM memory.main.chosen AS c
ANTI JOIN memory.main.left_out AS l ON l.image_id = c.image_id
LEFT JOIN memory.main.saved AS s ON s.image_id = c.image_id
