-- title: Row keys of images of the lake that staged rows may speak of; ids of other images may share a hash
-- params: none
-- returns: the temporary table known_keys
CREATE TEMP TABLE known_keys AS
SELECT image_key
FROM image_ids
WHERE id_hash IN (
    SELECT md5_number_lower(image_id) FROM staged_images
    UNION ALL
    SELECT md5_number_lower(image_id) FROM staged_rois WHERE NOT own_image
    UNION ALL
    SELECT md5_number_lower(image_id) FROM staged_descriptions WHERE NOT own_image
    UNION ALL
    SELECT md5_number_lower(image_id) FROM staged_findings WHERE NOT own_image
)
