-- title: Staged images that the lake does not have, each once
-- params: none
-- returns: the temporary view new_images
CREATE TEMP VIEW new_images AS
SELECT s.*
FROM staged_images AS s
ANTI JOIN special_images USING (image_id)
UNION ALL BY NAME
SELECT r.*
FROM repeated_images AS r
ANTI JOIN known_images USING (image_id)
