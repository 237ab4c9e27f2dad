-- title: Images that no patient, study or series key groups, by source: a split cannot keep their neighbours together
-- params: none
-- returns: source, images, without_group
SELECT
    source,
    count(*) AS images,
    count(*) FILTER (coalesce(patient_key, study_key, series_key) IS NULL) AS without_group
FROM images
GROUP BY source
ORDER BY
    without_group DESC,
    source
