-- title: Patients, studies or series with many images: near-identical slices that leak when a split ignores them
-- params: least BIGINT = 2  fewest images of a case
-- returns: group_by, group_key, images, source, modality
WITH keyed AS (
    SELECT
        CASE
            WHEN patient_key IS NOT NULL THEN 'patient'
            WHEN study_key IS NOT NULL THEN 'study'
            ELSE 'series'
        END AS group_by,
        coalesce(patient_key, study_key, series_key) AS group_key,
        source,
        modality
    FROM images
)
SELECT
    group_by,
    group_key,
    count(*) AS images,
    min(source) AS source,
    min(modality) AS modality
FROM keyed
WHERE group_key IS NOT NULL
GROUP BY
    group_by,
    group_key
HAVING count(*) >= $least
ORDER BY
    images DESC,
    group_key
