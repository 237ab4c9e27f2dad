-- title: One row for each image and layer that it has: the one definition of "has" for coverage and for --has and --missing
-- params: none
-- returns: image_id, layer
CREATE OR REPLACE VIEW layers AS
SELECT image_id, 'pixels' AS layer
FROM images
WHERE uri IS NOT NULL
UNION ALL
SELECT image_id, 'rois'
FROM images
WHERE roi_count > 0
UNION ALL
SELECT DISTINCT image_id, 'masks'
FROM rois
WHERE mask IS NOT NULL
UNION ALL
SELECT DISTINCT image_id, 'coarse_caption'
FROM descriptions
WHERE kind = 'coarse'
UNION ALL
SELECT DISTINCT image_id, 'descriptions'
FROM descriptions
WHERE kind <> 'coarse'
UNION ALL
SELECT DISTINCT image_id, 'findings'
FROM findings
