-- title: Regions that are staged more than once
-- params: none
-- returns: the temporary table repeated_rois
CREATE TEMP TABLE repeated_rois AS
SELECT roi_id
FROM staged_rois
GROUP BY roi_id
HAVING count(*) > 1
