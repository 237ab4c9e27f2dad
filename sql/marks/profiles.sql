-- title: Every profile with what facets count by, and where its images lie
-- params: none
-- returns: profile, modality, region, organ, disease, source, organs, diseases, cluster
SELECT
    profile,
    any_value(modality) AS modality,
    any_value(region) AS region,
    any_value(organ) AS organ,
    any_value(disease) AS disease,
    any_value(source) AS source,
    list_distinct(any_value(organs)) AS organs,
    list_distinct(any_value(diseases)) AS diseases,
    any_value(image_cluster(modality, organ, disease)) AS cluster
FROM profiles
GROUP BY profile
ORDER BY profile
