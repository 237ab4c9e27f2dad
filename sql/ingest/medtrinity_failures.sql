-- title: What is wrong with MedTrinity rows
-- params: none
-- returns: fields of a failure, from given, pixels, matches and sizes; variables input and expects (whether rows should have pixels)
WITH joined AS MATERIALIZED (
    SELECT
        g.row,
        g.image_id,
        g.name,
        NOT coalesce(regexp_matches(g.caption, '\S'), false) AS speechless,
        p.row IS NOT NULL AS embedded,
        m.uri,
        m.same,
        m.copies,
        coalesce(p.problem, s.problem) AS problem
    FROM given AS g
    LEFT JOIN pixels AS p ON p.row = g.row
    LEFT JOIN matches AS m ON m.row = g.row
    LEFT JOIN sizes AS s ON s.uri = m.uri
), told AS (
    SELECT row, image_id, 'id' AS error, 'has no id; it is left out, give it one in the table' AS message
    FROM joined
    WHERE image_id IS NULL
    UNION ALL
    SELECT row, image_id, 'caption', 'has no caption; the image is kept without a description'
    FROM joined
    WHERE speechless
    UNION ALL
    SELECT row, image_id, 'image', 'the image cannot be measured (' || problem || '); its row is kept without size, fetch the image again'
    FROM joined
    WHERE problem IS NOT NULL
    UNION ALL
    SELECT
        row,
        image_id,
        'missing',
        CASE
            WHEN name IS NULL THEN 'has neither image bytes nor a file_name; it is kept without pixels'
            ELSE 'no file is named ''' || name || '''; the row is kept without pixels, give the folder or shard that has it'
        END
    FROM joined
    WHERE getvariable('expects') AND NOT embedded AND uri IS NULL
    UNION ALL
    SELECT row, image_id, 'ambiguous', copies || ' different files are named ''' || name || '''; the row is kept without pixels, give only the folder that is meant'
    FROM joined
    WHERE NOT embedded AND NOT same
)
SELECT
    getvariable('input') AS input,
    'row ' || told.row AS item,
    image_id,
    error,
    concat('row ', told.row, ': ', message) AS message
FROM told
ORDER BY told.row
