-- title: Where ROIs lie in their images: a count for each of the 25 zones, as a grid
-- params: modality VARCHAR = NULL  only this modality, as the lake spells it; kind VARCHAR = NULL  only this kind: lesion, organ, cell, device or other
-- returns: zone_v, left, left_center, center, right_center, right
WITH rows_of_zones(zone_v, place) AS (
    VALUES
        ('upper', 1),
        ('upper-middle', 2),
        ('middle', 3),
        ('lower-middle', 4),
        ('lower', 5)
),
chosen AS (
    SELECT
        zone_v,
        zone_h
    FROM rois
    WHERE
        ($modality::VARCHAR IS NULL OR modality = $modality)
        AND ($kind::VARCHAR IS NULL OR kind = $kind)
)
SELECT
    z.zone_v,
    count(*) FILTER (c.zone_h = 'left') AS "left",
    count(*) FILTER (c.zone_h = 'left-center') AS left_center,
    count(*) FILTER (c.zone_h = 'center') AS center,
    count(*) FILTER (c.zone_h = 'right-center') AS right_center,
    count(*) FILTER (c.zone_h = 'right') AS "right"
FROM rows_of_zones AS z
LEFT JOIN chosen AS c USING (zone_v)
GROUP BY
    z.zone_v,
    z.place
ORDER BY z.place
