-- title: Add the new images
-- params: run_id VARCHAR  the run; now TIMESTAMPTZ  time of the commit
-- returns: number of rows
INSERT INTO images BY NAME
SELECT
    i.* EXCLUDE (batch_id, batch_number, place)
    REPLACE (coalesce(n.roi_count, 0) AS roi_count, $run_id AS run_id, $now AS ingested_at)
FROM new_images AS i
LEFT JOIN (SELECT image_id, count(*) AS roi_count FROM new_rois GROUP BY image_id) AS n USING (image_id)
