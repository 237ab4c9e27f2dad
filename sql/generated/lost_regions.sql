-- title: Images that lose regions which the generator has made anew
-- params: kind VARCHAR  the generator
-- returns: the temporary table lost_regions
CREATE TEMP TABLE lost_regions AS
SELECT DISTINCT image_key
FROM rois
WHERE generator = $kind AND image_key IN (FROM superseded)
