-- title: Staged descriptions that the lake does not have, each once, with the slice columns of their image
-- params: none
-- returns: the temporary view new_descriptions
CREATE TEMP VIEW new_descriptions AS
WITH simple AS (
    SELECT d.*
    FROM staged_descriptions AS d
    ANTI JOIN special_images USING (image_id)
    ANTI JOIN repeated_descriptions USING (description_id)
    WHERE d.own_image
),
special AS (
    SELECT DISTINCT ON (d.description_id) d.*
    FROM staged_descriptions AS d
    WHERE
        NOT d.own_image
        OR d.image_id IN (FROM special_images)
        OR d.description_id IN (FROM repeated_descriptions)
)
SELECT * FROM simple
UNION ALL BY NAME
SELECT
    s.* REPLACE (
        p.image_key AS image_key,
        p.profile AS profile,
        p.modality AS modality,
        p.source AS source,
        p.organ AS organ,
        p.disease AS disease
    )
FROM special AS s
JOIN special_parents AS p USING (image_id)
WHERE
    s.description_id NOT IN (
        SELECT description_id FROM descriptions WHERE image_key IN (SELECT image_key FROM known_images)
    )
    AND NOT EXISTS (
        FROM refused_images AS x
        WHERE
            x.image_id = s.image_id
            AND if(s.content_hash IS NULL, x.batch_id = s.batch_id, x.content_hash = s.content_hash)
    )
