-- title: Images that get or lose regions
-- params: none
-- returns: the temporary table touched_images
CREATE TEMP TABLE touched_images AS
SELECT image_key FROM new_regions
UNION
SELECT image_key FROM lost_regions
