-- title: For each image_id that is staged more than once, the row that comes first in the input
-- params: none
-- returns: the temporary table repeated_images
CREATE TEMP TABLE repeated_images AS
SELECT *
FROM staged_images
WHERE image_id IN (SELECT image_id FROM staged_images GROUP BY image_id HAVING count(*) > 1)
QUALIFY row_number() OVER (PARTITION BY image_id ORDER BY uri IS NULL, batch_number, place) = 1
