-- title: The descriptions of the exported images
-- params: lo BIGINT  first image; hi BIGINT  last image
-- returns: the columns of descriptions
SELECT d.* EXCLUDE (image_key, profile, modality, source, organ, disease)
FROM descriptions AS d
JOIN memory.main.exported AS e ON e.image_key = d.image_key
WHERE e.number BETWEEN $lo AND $hi
ORDER BY e.number, d.description_id
