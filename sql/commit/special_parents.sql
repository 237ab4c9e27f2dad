-- title: The slice columns of images that rows of other batches, or of images staged twice, may speak of
-- params: none
-- returns: the temporary view special_parents
CREATE TEMP VIEW special_parents AS
SELECT image_id, image_key, profile, modality, source, organ, disease
FROM known_images
UNION ALL
SELECT image_id, image_key, profile, modality, source, organ, disease
FROM new_images
