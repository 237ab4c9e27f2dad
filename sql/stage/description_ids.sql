-- title: Ids of the descriptions of a batch
-- params: none
-- returns: description_id, in the order of batch_descriptions
SELECT md5(concat_ws(chr(31), image_id, kind, generator, text)) AS id
FROM batch_descriptions
