-- title: Digest of what slices ask of an image
-- params: none
-- returns: BIGINT
CREATE OR REPLACE MACRO image_profile(modality, region, organs, diseases, source) AS (
    md5_number_lower(
        concat(
            modality, chr(31), region, chr(31), array_to_string(organs, chr(30)), chr(31),
            array_to_string(diseases, chr(30)), chr(31), source
        )
    ) >> 1
)::BIGINT
