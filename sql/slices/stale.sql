-- title: The layers of images that are out of date; some of them more than once
-- params: none
-- returns: layer, image_key
SELECT layer, image_key
FROM stale
