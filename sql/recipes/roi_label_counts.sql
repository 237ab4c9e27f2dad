-- title: Labels of ROIs, with how many there are and how large they are
-- params: least BIGINT = 1  leave out labels with fewer ROIs
-- returns: label, kind, rois, images, median_area_percent
SELECT
    lower(label) AS label,
    kind,
    count(*) AS rois,
    count(DISTINCT image_id) AS images,
    round(100 * median(area_ratio), 3) AS median_area_percent
FROM rois
GROUP BY
    lower(label),
    kind
HAVING count(*) >= $least
ORDER BY
    rois DESC,
    label,
    kind
