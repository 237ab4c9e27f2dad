-- title: Images by modality and disease, most first
-- params: least BIGINT = 1  leave out pairs with fewer images
-- returns: modality, disease, images
WITH said AS (
    SELECT
        modality,
        unnest(list_distinct(diseases)) AS disease
    FROM images
)
SELECT
    modality,
    disease,
    count(*) AS images
FROM said
GROUP BY
    modality,
    disease
HAVING count(*) >= $least
ORDER BY
    images DESC,
    modality,
    disease
