-- title: Add the regions to the index, and those that images that lost some have kept
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
FROM (
    SELECT image_key, profile, modality, source, label, kind, area_ratio, zone_h, zone_v
    FROM new_regions
    WHERE image_key NOT IN (FROM lost_regions)
    UNION ALL
    SELECT image_key, profile, modality, source, label, kind, area_ratio, zone_h, zone_v
    FROM rois
    WHERE image_key IN (FROM lost_regions)
)
