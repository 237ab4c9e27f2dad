-- title: What marks note of every image by itself; layers as bits: pixels 1, rois 2
-- params: none
-- returns: image_key, profile, layers
SELECT
    image_key,
    profile,
    ((uri IS NOT NULL)::INTEGER + 2 * coalesce(roi_count > 0, false)::INTEGER)::UTINYINT AS layers
FROM images
