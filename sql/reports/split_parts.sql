-- title: The parts of every split, as slices name them
-- params: none
-- returns: part
SELECT DISTINCT concat(name, '=', part) AS part
FROM splits
ORDER BY part
