-- title: Give regions the row key and profile of their image
-- params: none
-- returns: number of rows
UPDATE rois
SET image_key = i.image_key, profile = i.profile
FROM images AS i
WHERE rois.image_id = i.image_id
