-- title: Staged regions that the lake does not have, each once, with the slice columns of their image
-- params: none
-- returns: the temporary view new_rois
CREATE TEMP VIEW new_rois AS
WITH simple AS (
    SELECT r.*
    FROM staged_rois AS r
    ANTI JOIN special_images USING (image_id)
    ANTI JOIN repeated_rois USING (roi_id)
    WHERE r.own_image
),
special AS (
    SELECT DISTINCT ON (r.roi_id) r.*
    FROM staged_rois AS r
    WHERE
        NOT r.own_image
        OR r.image_id IN (FROM special_images)
        OR r.roi_id IN (FROM repeated_rois)
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
    s.roi_id NOT IN (SELECT roi_id FROM rois WHERE image_key IN (SELECT image_key FROM known_images))
    AND NOT EXISTS (
        FROM refused_images AS x
        WHERE
            x.image_id = s.image_id
            AND if(s.content_hash IS NULL, x.batch_id = s.batch_id, x.content_hash = s.content_hash)
    )
