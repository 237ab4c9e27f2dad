-- title: Where the pixels of the images to export lie, those of one file or archive together and in its order
-- params: none
-- returns: image_id, uri, frame, axis, file_name, sha256
SELECT
    i.image_id,
    i.uri,
    i.frame,
    i.axis,
    i.file_name,
    i.sha256
FROM images AS i
SEMI JOIN memory.main.chosen AS c ON c.image_key = i.image_key
ANTI JOIN memory.main.left_out AS l ON l.image_id = i.image_id
ORDER BY
    split_part(i.uri, '!', 1),
    try_cast(regexp_extract(i.uri, '[!#](\d+)(,\d+)?$', 1) AS BIGINT),
    i.uri,
    i.axis,
    i.frame,
    i.image_id
