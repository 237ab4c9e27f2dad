-- title: Images of a batch as they go into the lake
-- params: none
-- returns: the columns of images and batch_id
SELECT * REPLACE (
    coalesce(organs, []) AS organs,
    coalesce(diseases, []) AS diseases,
    organs[1] AS organ,
    diseases[1] AS disease
)
FROM batch_images
