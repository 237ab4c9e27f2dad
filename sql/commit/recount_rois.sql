-- title: Count the regions of images that got some without coming with all of them
-- params: none
-- returns: number of rows
UPDATE images
SET roi_count = n.roi_count
FROM (
    SELECT p.image_key, count(r.roi_id) AS roi_count
    FROM recounted_images AS m
    JOIN special_parents AS p USING (image_id)
    LEFT JOIN rois AS r USING (image_key)
    GROUP BY p.image_key
) AS n
WHERE images.image_key = n.image_key AND images.roi_count IS DISTINCT FROM n.roi_count
