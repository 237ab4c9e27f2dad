-- title: Captions that put the region on a side of the image where no ROI of it lies
-- params: none
-- returns: image_id, description_id, said_horizontally, said_vertically, roi_zones, text
WITH said AS (
    SELECT
        image_id,
        description_id,
        text,
        regexp_extract(
            lower(text),
            '(left|right)(?:-center)?(?: part of (?:the )?image)? horizontally|horizontally (?:to|at|in|on) the (left|right)',
            ['a', 'b']
        ) AS h,
        regexp_extract(
            lower(text),
            '(upper|lower|top|bottom)(?:-middle)?(?: part of (?:the )?image)? vertically|vertically (?:to|at|in|on) the (upper|lower|top|bottom)',
            ['a', 'b']
        ) AS v
    FROM descriptions
),
sides AS (
    SELECT
        image_id,
        description_id,
        text,
        nullif(h.a || h.b, '') AS said_horizontally,
        CASE v.a || v.b
            WHEN 'top' THEN 'upper'
            WHEN 'bottom' THEN 'lower'
            WHEN '' THEN NULL
            ELSE v.a || v.b
        END AS said_vertically
    FROM said
)
SELECT
    s.image_id,
    s.description_id,
    s.said_horizontally,
    s.said_vertically,
    list_sort(list(DISTINCT zone(r.zone_h, r.zone_v))) AS roi_zones,
    any_value(s.text) AS text
FROM sides AS s
JOIN rois AS r USING (image_id)
WHERE
    coalesce(s.said_horizontally, s.said_vertically) IS NOT NULL
    AND r.zone_h IS NOT NULL
GROUP BY
    s.image_id,
    s.description_id,
    s.said_horizontally,
    s.said_vertically
HAVING NOT bool_or(
    (s.said_horizontally IS NULL OR starts_with(r.zone_h, s.said_horizontally))
    AND (s.said_vertically IS NULL OR starts_with(r.zone_v, s.said_vertically))
)
ORDER BY
    s.image_id,
    s.description_id
