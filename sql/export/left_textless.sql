-- title: Leave out the images without a description
-- params: none
-- returns: number of rows
INSERT INTO memory.main.left_out
SELECT
    image_id,
    'no description' AS reason,
    'no description speaks of it; ingest or generate one' AS message
FROM memory.main.chosen
WHERE image_id NOT IN (FROM memory.main.left_out SELECT image_id)
    AND image_key NOT IN (
        SELECT t.image_key
        FROM memory.main.texts AS t
        SEMI JOIN memory.main.chosen AS c ON c.image_key = t.image_key
    )
