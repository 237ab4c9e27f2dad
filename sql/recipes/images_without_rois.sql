-- title: How many images have no ROI, by source and modality
-- params: none
-- returns: source, modality, images, without_rois, percent
SELECT
    source,
    modality,
    count(*) AS images,
    count(*) FILTER (roi_count = 0) AS without_rois,
    round(100 * without_rois / count(*), 1) AS percent
FROM images
GROUP BY
    source,
    modality
HAVING count(*) FILTER (roi_count = 0) > 0
ORDER BY
    without_rois DESC,
    source,
    modality
