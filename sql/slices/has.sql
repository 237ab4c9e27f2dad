-- title: The layers that images have; some of them more than once
-- params: none
-- returns: layer, image_key
SELECT layer, image_key
FROM layer_rows
