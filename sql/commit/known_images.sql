-- title: Images of the lake that staged rows speak of
-- params: none
-- returns: the temporary table known_images
CREATE TEMP TABLE known_images AS
SELECT image_id, image_key, profile, content_hash, uri, modality, source, organ, disease
FROM images
WHERE
    image_key IN (FROM known_keys)
    AND image_id IN (
        SELECT image_id FROM staged_images
        UNION ALL
        SELECT image_id FROM staged_rois WHERE NOT own_image
        UNION ALL
        SELECT image_id FROM staged_descriptions WHERE NOT own_image
        UNION ALL
        SELECT image_id FROM staged_findings WHERE NOT own_image
    )
