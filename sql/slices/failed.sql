-- title: The layers that images failed to get and do not have; some of them more than once
-- params: none
-- returns: layer, image_key
SELECT f.layer, i.image_key
FROM failures AS f
JOIN image_ids AS m ON m.id_hash = md5_number_lower(f.image_id)
JOIN images AS i ON i.image_key = m.image_key AND i.image_id = f.image_id
WHERE NOT EXISTS (FROM layer_rows AS l WHERE l.image_key = i.image_key AND l.layer = f.layer)
