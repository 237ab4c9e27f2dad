-- title: Drop all regions of images that lose some from the index, where regions cannot be told apart
-- params: none
-- returns: number of rows
DELETE FROM roi_index
WHERE image_key IN (FROM lost_regions)
