-- title: Drop what came of earlier tries
-- params: kind VARCHAR  the generator
-- returns: number of rows
DELETE FROM outcomes
WHERE generator = $kind AND image_key IN (SELECT image_key FROM new_outcomes WHERE known)
