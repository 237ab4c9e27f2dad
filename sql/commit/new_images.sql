-- title: Staged images that the lake does not have, each once
-- params: none
-- returns: the temporary view new_images
CREATE TEMP VIEW new_images AS
SELECT *
FROM staged_images
WHERE
    image_id NOT IN (SELECT image_id FROM known_images)
    AND image_id NOT IN (SELECT image_id FROM repeated_images)
UNION ALL BY NAME
SELECT *
FROM repeated_images
WHERE image_id NOT IN (SELECT image_id FROM known_images)
