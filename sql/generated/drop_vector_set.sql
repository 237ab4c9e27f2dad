-- title: Drop the row of a set of vectors, to write it anew
-- params: name VARCHAR  the set
-- returns: number of rows
DELETE FROM vector_sets
WHERE name = $name
