-- title: One row for each view and side that images have, with a digest of both: MD5 of 25M rows would take most of the time of a plan
-- params: none
-- returns: view, laterality, digest
CREATE OR REPLACE VIEW view_digests AS
SELECT DISTINCT view, laterality, md5_number_lower(concat(view, chr(31), laterality)) AS digest
FROM profiles
