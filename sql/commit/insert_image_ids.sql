-- title: Map the ids of the new images to their row keys
-- params: none
-- returns: number of rows
INSERT INTO image_ids
SELECT md5_number_lower(image_id) AS id_hash, image_key
FROM new_images
ORDER BY id_hash
