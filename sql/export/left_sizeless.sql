-- title: Leave out the images whose width and height are not known
-- params: none
-- returns: number of rows
INSERT INTO memory.main.left_out
SELECT
    image_id,
    'no size' AS reason,
    'the lake does not know its width and height, which this format needs; ingest it with them' AS message
FROM memory.main.chosen
WHERE (width IS NULL OR height IS NULL)
    AND image_id NOT IN (FROM memory.main.left_out SELECT image_id)
