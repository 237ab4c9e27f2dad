-- title: The exported rows of images, and where each one's pixels lie in the export
-- params: lo BIGINT  first image; hi BIGINT  last image
-- returns: the columns of images, and image
SELECT
    i.* EXCLUDE (image_key, profile),
    e.image
FROM images AS i
JOIN memory.main.exported AS e ON e.image_key = i.image_key
WHERE e.number BETWEEN $lo AND $hi
ORDER BY e.number
