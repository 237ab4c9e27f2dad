-- title: Name the version of a set of vectors that has a new index
-- params: name VARCHAR  the set; version BIGINT  of its Lance dataset
-- returns: number of rows
UPDATE vector_sets
SET version = $version
WHERE name = $name
