-- title: Staged regions of the tries that count
-- params: none
-- returns: the temporary view new_regions
CREATE TEMP VIEW new_regions AS
SELECT DISTINCT ON (r.roi_id) r.*
FROM staged_rois AS r
JOIN new_outcomes AS o ON o.image_key = r.image_key AND o.batch_id = r.batch_id
