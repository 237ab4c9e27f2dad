-- title: Count the new regions of images that were in the lake before
-- params: none
-- returns: number of rows
UPDATE images
SET roi_count = images.roi_count + n.added
FROM (
    SELECT image_id, count(*) AS added
    FROM new_rois
    WHERE image_id IN (SELECT image_id FROM known_images)
    GROUP BY image_id
) AS n
WHERE images.image_id = n.image_id
