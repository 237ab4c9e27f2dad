-- title: Staged regions that the lake does not have, each once, with the slice columns of their image
-- params: none
-- returns: the temporary view new_rois
CREATE TEMP VIEW new_rois AS
WITH parents AS (
    SELECT image_id, modality, source, organ, disease
    FROM known_images
    UNION ALL
    SELECT image_id, modality, source, organ, disease
    FROM new_images
),
distinct_rois AS (
    SELECT * FROM staged_rois WHERE roi_id NOT IN (FROM repeated_rois)
    UNION ALL
    SELECT DISTINCT ON (roi_id) * FROM staged_rois WHERE roi_id IN (FROM repeated_rois)
)
SELECT r.* REPLACE (p.modality AS modality, p.source AS source, p.organ AS organ, p.disease AS disease)
FROM distinct_rois AS r
JOIN parents AS p USING (image_id)
WHERE
    r.roi_id NOT IN (
        SELECT roi_id FROM rois WHERE image_id IN (SELECT image_id FROM known_images)
    )
    AND NOT EXISTS (
        FROM refused_images AS x
        WHERE
            x.image_id = r.image_id
            AND if(r.content_hash IS NULL, x.batch_id = r.batch_id, x.content_hash = r.content_hash)
    )
