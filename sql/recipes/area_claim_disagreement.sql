-- title: Captions whose stated share of the image is far from every ROI's, worst first
-- params: tolerance DOUBLE = 1.0  percentage points that may lie between
-- returns: image_id, description_id, said_percent, nearest_percent, difference, text
WITH said AS (
    SELECT
        image_id,
        description_id,
        text,
        try_cast(
            regexp_extract(lower(text), '(?:occup|cover|account|compris)[^%.]{0,60}?(\d+(?:\.\d+)?)\s?%', 1) AS DOUBLE
        ) AS said_percent
    FROM descriptions
),
measured AS (
    SELECT
        image_id,
        unnest([100 * box_ratio, 100 * area_ratio]) AS percent
    FROM rois
    WHERE box_ratio IS NOT NULL
)
SELECT
    s.image_id,
    s.description_id,
    s.said_percent,
    round(arg_min(m.percent, abs(m.percent - s.said_percent)), 2) AS nearest_percent,
    round(min(abs(m.percent - s.said_percent)), 2) AS difference,
    any_value(s.text) AS text
FROM said AS s
JOIN measured AS m USING (image_id)
WHERE s.said_percent IS NOT NULL
GROUP BY
    s.image_id,
    s.description_id,
    s.said_percent
HAVING min(abs(m.percent - s.said_percent)) > $tolerance
ORDER BY
    difference DESC,
    s.description_id
