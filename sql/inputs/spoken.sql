-- title: What is made from rows that speak of an image
-- params: lacking VARCHAR  what an image without such rows lacks; pixels BOOLEAN  whether its pixels are read, too
-- returns: the columns of images, input_hash, lacks
SELECT
    i.*,
    s.input_hash,
    CASE WHEN s.input_hash IS NULL THEN $lacking WHEN $pixels AND i.uri IS NULL THEN 'pixels' END AS lacks
FROM images AS i
LEFT JOIN (
    SELECT image_key, bit_xor(md5_number_lower(row_id)) AS input_hash
    FROM spoken
    GROUP BY image_key
) AS s USING (image_key)
