-- title: Count the new images by what slices ask for
-- params: none
-- returns: number of rows
INSERT INTO profiles BY NAME
SELECT
    profile,
    modality,
    region,
    organ,
    organs,
    disease,
    diseases,
    source,
    subset,
    view,
    laterality,
    license,
    redistributable,
    count(*) AS images
FROM new_images
GROUP BY ALL
