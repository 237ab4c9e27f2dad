-- title: One row for each image and layer that it has: the one definition of "has" for coverage and for --has and --missing
-- params: none
-- returns: image_key, image_id, modality, layer
CREATE OR REPLACE VIEW layers AS
SELECT image_key, image_id, modality, 'pixels' AS layer
FROM images
WHERE uri IS NOT NULL
UNION ALL
SELECT image_key, image_id, modality, 'rois'
FROM images
WHERE roi_count > 0
UNION ALL
SELECT image_key, any_value(image_id), any_value(modality), 'masks'
FROM rois
WHERE mask IS NOT NULL
GROUP BY image_key
UNION ALL
SELECT image_key, any_value(image_id), any_value(modality), 'coarse_caption'
FROM descriptions
WHERE kind = 'coarse'
GROUP BY image_key
UNION ALL
SELECT image_key, any_value(image_id), any_value(modality), 'descriptions'
FROM descriptions
WHERE kind <> 'coarse'
GROUP BY image_key
UNION ALL
SELECT image_key, any_value(i.image_id), any_value(i.modality), 'findings'
FROM findings AS f
JOIN images AS i USING (image_key)
GROUP BY image_key
