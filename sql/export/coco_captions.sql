-- title: The descriptions of the exported images as COCO captions
-- params: lo BIGINT  first image; hi BIGINT  last image; before BIGINT  captions written before; restricted BOOLEAN  also those that may not be redistributed
-- returns: line, each but the first after a comma
SELECT
    CASE WHEN id > 1 THEN ',' || chr(10) ELSE '' END
    || to_json({'id': id, 'image_id': number, 'caption': text, 'description_id': description_id})::VARCHAR AS line
FROM (
    SELECT
        $before + row_number() OVER (ORDER BY e.number, t.description_id) AS id,
        e.number,
        t.text,
        t.description_id
    FROM memory.main.exported AS e
    JOIN memory.main.texts AS t ON t.image_key = e.image_key
    WHERE e.number BETWEEN $lo AND $hi
        AND ($restricted OR e.redistributable IS DISTINCT FROM false)
)
ORDER BY id
