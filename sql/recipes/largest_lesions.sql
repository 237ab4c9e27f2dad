-- title: The lesions that cover most of their image
-- params: modality VARCHAR = NULL  only this modality, as the lake spells it; few BIGINT = 20  how many
-- returns: image_id, label, area_percent, zone, modality, organ, disease, source
SELECT
    image_id,
    label,
    round(100 * area_ratio, 2) AS area_percent,
    zone(zone_h, zone_v) AS zone,
    modality,
    organ,
    disease,
    source
FROM rois
WHERE
    kind = 'lesion'
    AND area_ratio IS NOT NULL
    AND ($modality::VARCHAR IS NULL OR modality = $modality)
ORDER BY
    area_ratio DESC,
    roi_id
LIMIT $few
