-- title: One row for every row by which an image has a layer: the one definition of "has" for coverage and for --has and --missing
-- params: none
-- returns: image_key, image_id, modality, profile, layer
CREATE OR REPLACE VIEW layer_rows AS
SELECT image_key, image_id, modality, profile, 'pixels' AS layer
FROM images
WHERE uri IS NOT NULL
UNION ALL
SELECT image_key, image_id, modality, profile, 'rois'
FROM images
WHERE roi_count > 0
UNION ALL
SELECT image_key, image_id, modality, profile, 'masks'
FROM rois
WHERE mask IS NOT NULL
UNION ALL
SELECT image_key, image_id, modality, profile, 'coarse_caption'
FROM descriptions
WHERE kind = 'coarse'
UNION ALL
SELECT image_key, image_id, modality, profile, 'descriptions'
FROM descriptions
WHERE kind <> 'coarse'
UNION ALL
SELECT image_key, i.image_id, i.modality, i.profile, 'findings'
FROM findings AS f
JOIN images AS i USING (image_key)
UNION ALL
SELECT image_key, i.image_id, i.modality, i.profile, 'embeddings'
FROM outcomes AS o
JOIN images AS i USING (image_key)
WHERE o.layer = 'embeddings' AND o.made > 0
