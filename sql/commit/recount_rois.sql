-- title: Count the regions of images that got some without coming with all of them
-- params: none
-- returns: number of rows
UPDATE images
SET roi_count = n.roi_count
FROM (
    SELECT m.image_id, count(r.roi_id) AS roi_count
    FROM recounted_images AS m
    LEFT JOIN rois AS r USING (image_id)
    GROUP BY m.image_id
) AS n
WHERE images.image_id = n.image_id AND images.roi_count IS DISTINCT FROM n.roi_count
