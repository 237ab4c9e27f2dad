-- title: One row for each generated row whose generator has since run with another fingerprint (code, model, prompt or parameters)
-- params: none
-- returns: layer, image_key, image_id, modality, generator, fingerprint, current_fingerprint
CREATE OR REPLACE VIEW stale AS
WITH newest AS (
    SELECT kind AS generator, arg_max(fingerprint, started_at) AS current_fingerprint
    FROM runs
    WHERE fingerprint IS NOT NULL
    GROUP BY kind
),
generated AS (
    SELECT 'rois' AS layer, image_key, image_id, modality, generator, fingerprint
    FROM rois
    WHERE fingerprint IS NOT NULL
    UNION ALL
    SELECT
        if(kind = 'coarse', 'coarse_caption', 'descriptions'), image_key, image_id, modality, generator, fingerprint
    FROM descriptions
    WHERE fingerprint IS NOT NULL
)
SELECT layer, image_key, image_id, modality, generator, fingerprint, current_fingerprint
FROM generated
JOIN newest USING (generator)
WHERE fingerprint <> current_fingerprint
