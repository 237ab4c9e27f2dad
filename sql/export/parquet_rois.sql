-- title: The regions of the exported images
-- params: lo BIGINT  first image; hi BIGINT  last image
-- returns: the columns of rois
SELECT r.* EXCLUDE (image_key, profile)
FROM rois AS r
JOIN memory.main.exported AS e ON e.image_key = r.image_key
WHERE e.number BETWEEN $lo AND $hi
ORDER BY e.number, r.roi_id
