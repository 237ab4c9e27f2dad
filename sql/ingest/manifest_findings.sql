-- title: Labels of rows that give no box: something said of the image as a whole
-- params: none
-- returns: the fields of a finding, from manifest_rows
SELECT
    image_id,
    label AS concept,
    'present' AS status,
    'source_label' AS origin,
    CASE WHEN isnan(score) THEN NULL ELSE score END AS score,
    content_hash
FROM manifest_rows
WHERE NOT nameless AND label IS NOT NULL AND box = 'none' AND mask IS NULL AND len(coalesce(bad, [])) = 0
GROUP BY ALL
ORDER BY min(row)
