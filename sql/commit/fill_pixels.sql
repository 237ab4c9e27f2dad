-- title: Tell images that had no pixels where theirs are
-- params: none
-- returns: number of rows
UPDATE images
SET
    uri = s.uri,
    frame = s.frame,
    width = coalesce(s.width, images.width),
    height = coalesce(s.height, images.height),
    channels = coalesce(s.channels, images.channels),
    bit_depth = coalesce(s.bit_depth, images.bit_depth),
    sha256 = s.sha256
FROM (
    SELECT DISTINCT ON (image_id) s.* REPLACE (k.image_key AS image_key)
    FROM staged_images AS s
    JOIN known_images AS k USING (image_id)
    WHERE k.uri IS NULL AND s.uri IS NOT NULL AND s.content_hash IS NOT DISTINCT FROM k.content_hash
) AS s
WHERE images.image_key = s.image_key
