-- title: Med-MAT triplets (modality, area, task) with their images: what compositional training can be built from
-- params: least BIGINT = 1  leave out triplets with fewer images
-- returns: modality, area, task, images, with_rois, sources
WITH areas AS (
    SELECT
        image_id,
        modality,
        source,
        roi_count,
        diseases,
        unnest(if(len(organs) > 0, organs, [region])) AS area
    FROM images
),
triplets_of_images AS (
    SELECT
        * EXCLUDE (diseases),
        unnest(if(len(diseases) > 0, diseases, ['no disease said'])) AS task
    FROM areas
)
SELECT
    modality,
    area,
    task,
    count(DISTINCT image_id) AS images,
    count(DISTINCT image_id) FILTER (roi_count > 0) AS with_rois,
    count(DISTINCT source) AS sources
FROM triplets_of_images
GROUP BY
    modality,
    area,
    task
HAVING count(DISTINCT image_id) >= $least
ORDER BY
    images DESC,
    modality,
    area,
    task
