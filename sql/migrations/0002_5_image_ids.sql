-- title: Map ids to row keys
-- params: none
-- returns: number of rows
INSERT INTO image_ids
SELECT md5_number_lower(image_id) AS id_hash, image_key
FROM images
ORDER BY id_hash
