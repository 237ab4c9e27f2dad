-- title: One row for every region or description that generators of a kind read, by what they read
-- params: none
-- returns: reads, image_key, row_id, generator
CREATE OR REPLACE VIEW input_rows AS
SELECT 'boxes' AS reads, image_key, roi_id AS row_id, generator
FROM rois
WHERE mask IS NULL
UNION ALL
SELECT 'masks', image_key, roi_id, generator
FROM rois
WHERE mask IS NOT NULL AND starts_with(generator, 'ingest:')
UNION ALL
SELECT 'regions', image_key, roi_id, generator
FROM rois
UNION ALL
SELECT 'texts', image_key, description_id, generator
FROM descriptions
