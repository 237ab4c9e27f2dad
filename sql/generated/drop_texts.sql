-- title: Drop the descriptions that the generator has made anew
-- params: kind VARCHAR  the generator
-- returns: number of rows
DELETE FROM descriptions
WHERE generator = $kind AND image_key IN (FROM superseded)
