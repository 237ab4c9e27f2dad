-- title: Images whose regions must be counted anew: some came without them, or twice
-- params: none
-- returns: the temporary table recounted_images
CREATE TEMP TABLE recounted_images AS
SELECT DISTINCT image_id
FROM staged_rois
WHERE
    NOT own_image
    OR image_id IN (FROM special_images)
    OR roi_id IN (FROM repeated_rois)
UNION
SELECT image_id
FROM repeated_images
