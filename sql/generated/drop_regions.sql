-- title: Drop the regions that the generator has made anew
-- params: kind VARCHAR  the generator
-- returns: number of rows
DELETE FROM rois
WHERE generator = $kind AND image_key IN (FROM superseded)
