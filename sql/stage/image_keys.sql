-- title: Row keys and profiles of the images of a batch; the lower 34 bits of a key number the images of the batch, until the commit numbers them in the lake
-- params: none
-- returns: image_key, profile, in the order of batch_images
SELECT
    image_cluster(modality, organ, disease) * 17179869184 + place AS image_key,
    image_profile(modality, region, organs, diseases, source) AS profile
FROM batch_images
