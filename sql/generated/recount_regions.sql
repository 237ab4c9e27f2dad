-- title: Count the regions of images that have got or lost some
-- params: none
-- returns: number of rows
UPDATE images
SET roi_count = n.roi_count
FROM (
    SELECT m.image_key, count(r.roi_id) AS roi_count
    FROM touched_images AS m
    LEFT JOIN rois AS r USING (image_key)
    GROUP BY m.image_key
) AS n
WHERE images.image_key = n.image_key AND images.roi_count IS DISTINCT FROM n.roi_count
