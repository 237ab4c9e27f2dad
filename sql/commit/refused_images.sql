-- title: Staged images whose id is taken by an image of other content
-- params: none
-- returns: the temporary table refused_images
CREATE TEMP TABLE refused_images AS
WITH first AS (
    SELECT image_id, content_hash, true AS in_lake
    FROM known_images
    UNION ALL
    SELECT image_id, content_hash, false
    FROM repeated_images
    WHERE image_id NOT IN (SELECT image_id FROM known_images)
)
SELECT s.image_id, s.content_hash, s.batch_id, s.source, s.file_name, s.uri, first.in_lake
FROM staged_images AS s
JOIN first USING (image_id)
WHERE s.content_hash <> first.content_hash
