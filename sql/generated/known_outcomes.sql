-- title: What the lake knows of the images that a generator was tried on
-- params: kind VARCHAR  the generator
-- returns: the temporary table known_outcomes
CREATE TEMP TABLE known_outcomes AS
SELECT image_key, fingerprint, input_hash, status, made, attempt
FROM outcomes
WHERE
    generator = $kind
    AND image_key BETWEEN (SELECT min(image_key) FROM staged_outcomes) AND (SELECT max(image_key) FROM staged_outcomes)
    AND image_key IN (SELECT image_key FROM staged_outcomes)
