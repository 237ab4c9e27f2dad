-- title: Staged descriptions that the lake does not have, each once
-- params: none
-- returns: the temporary view new_descriptions
CREATE TEMP VIEW new_descriptions AS
WITH parents AS (
    SELECT image_id FROM known_images
    UNION ALL
    SELECT image_id FROM new_images
),
repeated AS (
    SELECT description_id
    FROM staged_descriptions
    GROUP BY description_id
    HAVING count(*) > 1
),
distinct_descriptions AS (
    SELECT * FROM staged_descriptions WHERE description_id NOT IN (FROM repeated)
    UNION ALL
    SELECT DISTINCT ON (description_id) * FROM staged_descriptions WHERE description_id IN (FROM repeated)
)
SELECT d.*
FROM distinct_descriptions AS d
WHERE
    d.image_id IN (FROM parents)
    AND d.description_id NOT IN (
        SELECT description_id FROM descriptions WHERE image_id IN (SELECT image_id FROM known_images)
    )
    AND NOT EXISTS (
        FROM refused_images AS x
        WHERE
            x.image_id = d.image_id
            AND if(d.content_hash IS NULL, x.batch_id = d.batch_id, x.content_hash = d.content_hash)
    )
