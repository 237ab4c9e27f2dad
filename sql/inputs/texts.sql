-- title: All texts about images, of others than this generator
-- params: generator VARCHAR  whose own rows do not count
-- returns: image_key, row_id, kind, text
SELECT image_key, description_id AS row_id, kind, text
FROM descriptions
WHERE generator <> $generator
