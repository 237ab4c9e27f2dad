-- title: Regions to be put into the index: new ones, and those that images which lost some have kept
-- params: none
-- returns: the temporary view new_rois
CREATE TEMP VIEW new_rois AS
SELECT image_key, profile, modality, source, label, kind, area_ratio, zone_h, zone_v
FROM new_regions
WHERE image_key NOT IN (FROM lost_regions)
UNION ALL
SELECT image_key, profile, modality, source, label, kind, area_ratio, zone_h, zone_v
FROM rois
WHERE image_key IN (FROM lost_regions)
