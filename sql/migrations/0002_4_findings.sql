-- title: Give findings the row key of their image
-- params: none
-- returns: number of rows
UPDATE findings
SET image_key = i.image_key
FROM images AS i
WHERE findings.image_id = i.image_id
