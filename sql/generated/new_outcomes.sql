-- title: What came of tries that the lake does not know: all but what was done before with the same fingerprint and inputs, each image once
-- params: none
-- returns: the temporary table new_outcomes; what a failed try leaves in place counts as made
CREATE TEMP TABLE new_outcomes AS
SELECT
    s.* REPLACE (CASE WHEN s.status = 'done' THEN s.made ELSE coalesce(k.made, 0) END AS made),
    1 + CASE WHEN k.fingerprint = s.fingerprint AND k.input_hash = s.input_hash THEN k.attempt ELSE 0 END AS attempt,
    k.image_key IS NOT NULL AS known
FROM (SELECT DISTINCT ON (image_key) * FROM staged_outcomes ORDER BY image_key, status, batch_id) AS s
LEFT JOIN known_outcomes AS k USING (image_key)
WHERE
    k.image_key IS NULL
    OR k.status <> 'done'
    OR k.fingerprint <> s.fingerprint
    OR k.input_hash <> s.input_hash
