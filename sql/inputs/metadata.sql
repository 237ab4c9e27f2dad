-- title: What is made from the catalog's own columns: modality, region, organs, diseases, source, view and side
-- params: none
-- returns: the columns of images, input_hash, lacks
SELECT i.*, xor(i.profile::UBIGINT, v.digest) AS input_hash, NULL::VARCHAR AS lacks
FROM images AS i
JOIN view_digests AS v ON v.view IS NOT DISTINCT FROM i.view AND v.laterality IS NOT DISTINCT FROM i.laterality
