-- title: Intersection over union of two boxes (0 to 1), each given as [x0, y0, x1, y1] in pixels of the same image
-- params: none
-- returns: share
CREATE OR REPLACE MACRO box_iou(a, b) AS (
    greatest(0, least(a[3], b[3]) - greatest(a[1], b[1])) * greatest(0, least(a[4], b[4]) - greatest(a[2], b[2]))
) / nullif(
    (a[3] - a[1]) * (a[4] - a[2]) + (b[3] - b[1]) * (b[4] - b[2])
    - greatest(0, least(a[3], b[3]) - greatest(a[1], b[1])) * greatest(0, least(a[4], b[4]) - greatest(a[2], b[2])),
    0
)
