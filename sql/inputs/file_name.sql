-- title: What is made from the name that the file was published under
-- params: none
-- returns: the columns of images, input_hash, lacks
SELECT *, md5_number_lower(file_name) AS input_hash, if(file_name IS NULL, 'file_name', NULL) AS lacks
FROM images
