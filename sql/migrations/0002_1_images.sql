-- title: Give images their row keys and profiles; they are numbered by source, file name and id
-- params: none
-- returns: number of rows
UPDATE images
SET
    image_key = image_cluster(modality, organ, disease) * 17179869184 + n.number,
    profile = image_profile(modality, region, organs, diseases, images.source)
FROM (
    SELECT image_id, row_number() OVER (ORDER BY source, file_name, image_id) - 1 AS number
    FROM images
) AS n
WHERE images.image_id = n.image_id
