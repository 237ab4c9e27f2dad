-- title: Where images of one modality, organ and disease lie among all others: the upper bits of image_key, 0 to 2^29; two combinations may share a place
-- params: none
-- returns: BIGINT
CREATE OR REPLACE MACRO image_cluster(modality, organ, disease) AS (
    (md5_number_lower(coalesce(modality, '')) % 128)::BIGINT * 4194304
    + (md5_number_lower(coalesce(organ, '')) % 1024)::BIGINT * 4096
    + (md5_number_lower(coalesce(disease, '')) % 4096)::BIGINT
)
