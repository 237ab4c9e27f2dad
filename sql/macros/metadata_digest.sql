-- title: Digest of what the catalog's own columns say of an image: what texts are made from
-- params: none
-- returns: UBIGINT
CREATE OR REPLACE MACRO metadata_digest(profile, view, laterality) AS xor(
    profile::UBIGINT, md5_number_lower(concat(view, chr(31), laterality))
)
