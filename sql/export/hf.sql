-- title: One row for each image and description; an image without description still has its row
-- params: lo BIGINT  first image; hi BIGINT  last image
-- returns: image, linked, then id, caption and the columns that say what the image shows
SELECT
    e.image,
    e.linked,
    e.image_id AS id,
    t.text AS caption,
    i.modality,
    i.region,
    i.organ,
    i.disease,
    i.source,
    i.license,
    i.file_name
FROM memory.main.exported AS e
JOIN images AS i ON i.image_key = e.image_key
LEFT JOIN memory.main.texts AS t ON t.image_key = e.image_key
WHERE e.number BETWEEN $lo AND $hi
ORDER BY e.number, t.description_id
