-- title: Everything that failed in the staged batches: what readers met, ids taken by other content, and annotations without an image
-- params: none
-- returns: the temporary table new_failures
CREATE TEMP TABLE new_failures AS
WITH strays AS (
    SELECT batch_id, image_id, 'region' AS what FROM staged_rois WHERE NOT own_image
    UNION
    SELECT batch_id, image_id, 'description' FROM staged_descriptions WHERE NOT own_image
    UNION
    SELECT batch_id, image_id, 'finding' FROM staged_findings WHERE NOT own_image
),
homeless AS (
    SELECT s.*
    FROM strays AS s
    ANTI JOIN known_images USING (image_id)
    ANTI JOIN staged_images AS i ON i.image_id = s.image_id
),
met AS (
    SELECT batch_id, source, input, item, image_id, error, message
    FROM staged_failures
    UNION ALL
    SELECT
        batch_id,
        source,
        coalesce(uri, file_name, image_id),
        image_id,
        image_id,
        'conflict',
        'image_id ''' || image_id || ''' is taken by another content '
        || if(in_lake, 'in the lake', 'earlier in this input')
        || '; the first is kept: give this image an id of its own (a DICOM file, a SOPInstanceUID of its own)'
    FROM refused_images
    UNION ALL
    SELECT
        batch_id,
        NULL,
        image_id,
        what,
        image_id,
        'orphan',
        'a ' || what || ' refers to image ''' || image_id || ''', which is not in the lake; ingest the image, then this again'
    FROM homeless
)
SELECT
    md5(concat_ws(chr(31), 'ingest', input, item, error, message)) AS failure_id,
    'ingest' AS layer,
    any_value(source) AS source,
    input,
    item,
    any_value(image_id) AS image_id,
    error,
    message,
    any_value(batch_id) AS batch_id
FROM met
GROUP BY input, item, error, message
