-- title: Rows of a metadata table with the file whose basename is theirs
-- params: none
-- returns: row, name, base, copies, same and the columns of files (null where no file bears the name), from names and files
WITH keyed AS (
    SELECT row, name, parse_filename(name, false, 'forward_slash') AS base, 0 AS rank
    FROM names
    UNION ALL
    SELECT row, name, parse_filename(name, false, 'both_slash'), 1
    FROM names
    WHERE contains(name, '\')
)
SELECT keyed.row, keyed.name, keyed.base, files.* EXCLUDE (base)
FROM keyed
LEFT JOIN files USING (base)
QUALIFY row_number() OVER (PARTITION BY keyed.row ORDER BY files.uri IS NULL, keyed.rank) = 1
ORDER BY keyed.row
