-- title: Where a region lies in roi_index: its zone, its image's modality (the upper 7 bits of image_key), the square root of its area in 1024 steps
-- params: none
-- returns: INTEGER
CREATE OR REPLACE MACRO roi_place(image_key, zone_h, zone_v, area_ratio) AS (
    (
        coalesce(list_position(['upper', 'upper-middle', 'middle', 'lower-middle', 'lower'], zone_v), 0) * 6
        + coalesce(list_position(['left', 'left-center', 'center', 'right-center', 'right'], zone_h), 0)
    ) * 131072
    + (image_key >> 56) * 1024
    + floor(1023 * sqrt(least(greatest(coalesce(area_ratio, 0), 0), 1)))
)::INTEGER
