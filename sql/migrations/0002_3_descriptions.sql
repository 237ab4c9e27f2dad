-- title: Give descriptions the slice columns of their image
-- params: none
-- returns: number of rows
UPDATE descriptions
SET
    image_key = i.image_key,
    profile = i.profile,
    modality = i.modality,
    source = i.source,
    organ = i.organ,
    disease = i.disease
FROM images AS i
WHERE descriptions.image_id = i.image_id
