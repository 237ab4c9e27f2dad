-- title: Images whose pixels are not known: a row was published, but no file came with it
-- params: source VARCHAR = NULL  only this source
-- returns: image_id, source, modality, file_name
SELECT
    image_id,
    source,
    modality,
    file_name
FROM images
WHERE
    uri IS NULL
    AND ($source::VARCHAR IS NULL OR source = $source)
ORDER BY
    source,
    image_id
