-- title: Give images their row keys and profiles; rowid numbers them
-- params: none
-- returns: number of rows
UPDATE images
SET
    image_key = image_cluster(modality, organ, disease) * 17179869184 + rowid,
    profile = image_profile(modality, region, organs, diseases, source)
