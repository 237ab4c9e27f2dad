-- title: What is made from pixels, which never change under an image_id: the row key names them
-- params: none
-- returns: the columns of images, input_hash, lacks
SELECT *, image_key::UBIGINT AS input_hash, if(uri IS NULL, 'pixels', NULL) AS lacks
FROM images
