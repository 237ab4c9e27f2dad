-- title: Index the regions
-- params: none
-- returns: number of rows
INSERT INTO roi_index BY NAME
SELECT
    roi_place(image_key, zone_h, zone_v, area_ratio) AS place,
    image_key,
    profile,
    modality,
    source,
    label,
    kind,
    area_ratio,
    zone_h,
    zone_v
FROM rois
ORDER BY place
