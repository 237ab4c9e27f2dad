-- title: Give the profiles of a source the licence that the staged rows name
-- params: none
-- returns: number of rows
UPDATE profiles
SET license = s.license, redistributable = s.redistributable
FROM licensed AS s
WHERE profiles.source = s.source AND profiles.license IS DISTINCT FROM s.license
