-- title: The exported images as COCO lists them
-- params: lo BIGINT  first image; hi BIGINT  last image
-- returns: line, each but the first after a comma
WITH licenses AS (
    SELECT
        row_number() OVER (ORDER BY license) AS id,
        license
    FROM (SELECT DISTINCT license FROM memory.main.exported WHERE license IS NOT NULL)
)
SELECT
    CASE WHEN e.number > 1 THEN ',' || chr(10) ELSE '' END
    || to_json({
        'id': e.number,
        'file_name': e.image,
        'width': i.width,
        'height': i.height,
        'license': l.id,
        'image_id': e.image_id,
        'modality': i.modality,
        'organ': i.organ,
        'disease': i.disease,
        'source': i.source
    })::VARCHAR AS line
FROM memory.main.exported AS e
JOIN images AS i ON i.image_key = e.image_key
LEFT JOIN licenses AS l ON l.license = e.license
WHERE e.number BETWEEN $lo AND $hi
ORDER BY e.number
