-- title: ROIs so small that a model hardly sees them, smallest first
-- params: share DOUBLE = 0.001  largest share of the image that counts as tiny
-- returns: image_id, label, kind, area_percent, box_width, box_height, modality, source
SELECT
    image_id,
    label,
    kind,
    round(100 * area_ratio, 4) AS area_percent,
    x1 - x0 AS box_width,
    y1 - y0 AS box_height,
    modality,
    source
FROM rois
WHERE area_ratio <= $share
ORDER BY
    area_ratio,
    roi_id
