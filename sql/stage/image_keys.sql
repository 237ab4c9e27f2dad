-- title: The row key of an image with the number 0, and the profile, of every combination of terms in a batch; the lower 34 bits of a key number the images of the batch, until the commit numbers them in the lake
-- params: none
-- returns: first_key, profile, in the order of combinations
SELECT
    image_cluster(modality, organ, disease) * 17179869184 AS first_key,
    image_profile(modality, region, organs, diseases, source) AS profile
FROM combinations
