-- title: Staged findings that the lake does not have, each once
-- params: none
-- returns: the temporary view new_findings
CREATE TEMP VIEW new_findings AS
WITH parents AS (
    SELECT image_id FROM known_images
    UNION ALL
    SELECT image_id FROM new_images
)
SELECT DISTINCT f.* EXCLUDE (content_hash)
FROM staged_findings AS f
WHERE
    f.image_id IN (FROM parents)
    AND NOT EXISTS (
        FROM findings AS old
        WHERE
            old.image_id = f.image_id
            AND old.concept IS NOT DISTINCT FROM f.concept
            AND old.concept_id IS NOT DISTINCT FROM f.concept_id
            AND old.status IS NOT DISTINCT FROM f.status
            AND old.laterality IS NOT DISTINCT FROM f.laterality
            AND old.score IS NOT DISTINCT FROM f.score
    )
    AND NOT EXISTS (
        FROM refused_images AS x
        WHERE
            x.image_id = f.image_id
            AND if(f.content_hash IS NULL, x.batch_id = f.batch_id, x.content_hash = f.content_hash)
    )
