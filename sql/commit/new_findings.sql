-- title: Staged findings that the lake does not have, each once
-- params: none
-- returns: the temporary view new_findings
CREATE TEMP VIEW new_findings AS
WITH simple AS (
    SELECT DISTINCT f.*
    FROM staged_findings AS f
    ANTI JOIN special_images USING (image_id)
    WHERE f.own_image
),
special AS (
    SELECT DISTINCT f.* REPLACE (p.image_key AS image_key)
    FROM staged_findings AS f
    JOIN special_parents AS p USING (image_id)
    WHERE NOT f.own_image OR f.image_id IN (FROM special_images)
),
accepted AS (
    SELECT s.*
    FROM special AS s
    WHERE
        NOT EXISTS (
            FROM findings AS old
            WHERE
                old.image_key = s.image_key
                AND old.concept IS NOT DISTINCT FROM s.concept
                AND old.concept_id IS NOT DISTINCT FROM s.concept_id
                AND old.status IS NOT DISTINCT FROM s.status
                AND old.laterality IS NOT DISTINCT FROM s.laterality
                AND old.score IS NOT DISTINCT FROM s.score
        )
        AND NOT EXISTS (
            FROM refused_images AS x
            WHERE
                x.image_id = s.image_id
                AND if(s.content_hash IS NULL, x.batch_id = s.batch_id, x.content_hash = s.content_hash)
        )
)
SELECT * FROM simple
UNION ALL BY NAME
SELECT DISTINCT * REPLACE (NULL AS batch_id, NULL AS content_hash, false AS own_image) FROM accepted
