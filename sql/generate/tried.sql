-- title: What came of the tries of a generator; files of one generator, fingerprint and status are not looked at row by row
-- params: generator VARCHAR  its name; fingerprint VARCHAR  of its code, model and settings
-- returns: image_key, input_hash, code (1 done, 2 with this fingerprint, 4 with rows that are still there, 8 always)
SELECT image_key, coalesce(input_hash, 0) AS input_hash, 11::UTINYINT AS code
FROM outcomes
WHERE generator = $generator AND fingerprint = $fingerprint AND status = 'done'
UNION ALL
SELECT image_key, coalesce(input_hash, 0), (10 + 4 * (made > 0)::UTINYINT)::UTINYINT
FROM outcomes
WHERE generator = $generator AND fingerprint = $fingerprint AND status <> 'done'
UNION ALL
SELECT image_key, coalesce(input_hash, 0), (8 + 4 * (made > 0)::UTINYINT + (status = 'done')::UTINYINT)::UTINYINT
FROM outcomes
WHERE generator = $generator AND fingerprint <> $fingerprint
