-- title: The findings of the exported images
-- params: lo BIGINT  first image; hi BIGINT  last image
-- returns: the columns of findings
SELECT f.* EXCLUDE (image_key)
FROM findings AS f
JOIN memory.main.exported AS e ON e.image_key = f.image_key
WHERE e.number BETWEEN $lo AND $hi
ORDER BY e.number, f.concept, f.concept_id, f.status, f.laterality, f.origin, f.score
