-- title: Add the regions of new_rois to the index of regions; of an ingest before they are among the rois, where they would be known
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
FROM new_rois
