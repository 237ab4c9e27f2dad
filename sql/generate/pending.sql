-- title: What a generator has to do for each image that it has not done
-- params: generator VARCHAR  its name; fingerprint VARCHAR  of its code, model and settings
-- returns: image_key, state (0 blocked, 1 missing, 2 stale, 3 failed)
SELECT
    i.image_key,
    CASE
        WHEN i.lacks IS NOT NULL THEN 0
        WHEN t.image_key IS NULL THEN 1
        WHEN NOT t.done AND t.same AND t.input_hash = i.input_hash THEN 3
        WHEN t.done OR t.made > 0 THEN 2
        ELSE 1
    END::UTINYINT AS state
FROM inputs AS i
LEFT JOIN (
    SELECT image_key, input_hash, made, status = 'done' AS done, fingerprint = $fingerprint AS same
    FROM outcomes
    WHERE generator = $generator
) AS t USING (image_key)
WHERE t.image_key IS NULL OR NOT (t.done AND t.same AND t.input_hash IS NOT DISTINCT FROM i.input_hash)
