-- title: What a generator has to do for each image that it has not done
-- params: generator VARCHAR  its name; fingerprint VARCHAR  of its code, model and settings
-- returns: image_key, state (0 blocked, 1 missing, 2 stale, 3 failed)
SELECT
    i.image_key,
    CASE
        WHEN i.lacks IS NOT NULL THEN 0
        WHEN o.image_key IS NULL THEN 1
        WHEN o.fingerprint = $fingerprint AND o.input_hash = i.input_hash THEN 3
        WHEN o.status = 'done' THEN 2
        ELSE 1
    END::UTINYINT AS state
FROM inputs AS i
LEFT JOIN (FROM outcomes WHERE generator = $generator) AS o USING (image_key)
WHERE
    o.image_key IS NULL
    OR o.status <> 'done'
    OR o.fingerprint <> $fingerprint
    OR o.input_hash <> i.input_hash
