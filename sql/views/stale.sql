-- title: One row for each image and generator whose rows are out of date: the generator has since run with another fingerprint (code, model, prompt or parameters), what they were made from has changed, or making them anew has failed
-- params: none
-- returns: layer, image_key, modality, generator, reason, fingerprint, current_fingerprint
CREATE OR REPLACE VIEW stale AS
WITH newest AS (
    SELECT kind AS generator, arg_max(fingerprint, started_at) AS current_fingerprint
    FROM runs
    WHERE NOT starts_with(kind, 'ingest:')
    GROUP BY kind
),
made AS (
    SELECT o.*, n.current_fingerprint
    FROM outcomes AS o
    JOIN newest AS n USING (generator)
    WHERE o.status = 'done'
),
read AS (
    SELECT m.generator, m.image_key, xor(i.profile::UBIGINT, v.digest) AS input_hash
    FROM made AS m
    JOIN images AS i USING (image_key)
    JOIN view_digests AS v ON v.view IS NOT DISTINCT FROM i.view AND v.laterality IS NOT DISTINCT FROM i.laterality
    WHERE m.reads = 'metadata'
    UNION ALL
    SELECT m.generator, m.image_key, md5_number_lower(i.file_name)
    FROM made AS m
    JOIN images AS i USING (image_key)
    WHERE m.reads = 'file_name'
    UNION ALL
    SELECT m.generator, m.image_key, bit_xor(md5_number_lower(r.row_id))
    FROM made AS m
    JOIN input_rows AS r ON r.image_key = m.image_key AND r.reads = m.reads AND r.generator <> m.generator
    WHERE m.reads IN ('boxes', 'masks', 'regions', 'texts')
    GROUP BY m.generator, m.image_key
)
SELECT layer, image_key, modality, generator, 'fingerprint' AS reason, fingerprint, current_fingerprint
FROM made
WHERE fingerprint <> current_fingerprint
UNION ALL
SELECT layer, image_key, modality, generator, 'failed', NULL, fingerprint
FROM outcomes
WHERE status = 'failed' AND made > 0
UNION ALL
SELECT m.layer, m.image_key, m.modality, m.generator, 'input', m.fingerprint, m.current_fingerprint
FROM made AS m
JOIN read AS r USING (generator, image_key)
WHERE m.fingerprint = m.current_fingerprint AND m.input_hash <> r.input_hash
