-- title: What is made from the catalog's own columns: modality, region, organs, diseases, source, view and side
-- params: none
-- returns: the columns of images, input_hash, lacks
SELECT *, metadata_digest(profile, view, laterality) AS input_hash, NULL::VARCHAR AS lacks
FROM images
