-- title: Images that no description speaks of
-- params: source VARCHAR = NULL  only this source
-- returns: image_id, source, modality, organ, disease, file_name
SELECT
    image_id,
    source,
    modality,
    organ,
    disease,
    file_name
FROM images
WHERE
    ($source::VARCHAR IS NULL OR source = $source)
    AND image_id NOT IN (
        SELECT image_id
        FROM descriptions
    )
ORDER BY image_id
