-- title: One row for each image and layer that it has
-- params: none
-- returns: image_key, image_id, modality, layer
CREATE OR REPLACE VIEW layers AS
SELECT image_key, image_id, modality, layer
FROM layer_rows
WHERE layer IN ('pixels', 'rois')
UNION ALL
SELECT image_key, any_value(image_id), any_value(modality), layer
FROM layer_rows
WHERE layer NOT IN ('pixels', 'rois')
GROUP BY image_key, layer
