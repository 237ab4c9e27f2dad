-- title: Descriptions of a batch as they go into the lake, with their ids
-- params: none
-- returns: the columns of descriptions, content_hash and batch_id
SELECT * REPLACE (
    md5(concat_ws(chr(31), image_id, kind, coalesce(generator, ''), text)) AS description_id,
    coalesce(roi_ids, []) AS roi_ids,
    'fresh' AS status
)
FROM batch_descriptions
