-- title: What came of the tries of a generator
-- params: generator VARCHAR  its name; fingerprint VARCHAR  of its code, model and settings
-- returns: image_key, input_hash, verdict (0 failed, 1 done, plus 2 with this fingerprint)
SELECT
    image_key,
    coalesce(input_hash, 0) AS input_hash,
    ((status = 'done')::UTINYINT + if(fingerprint = $fingerprint, 2, 0))::UTINYINT AS verdict
FROM outcomes
WHERE generator = $generator
