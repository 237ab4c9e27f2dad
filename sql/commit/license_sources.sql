-- title: Give sources the licence that the staged rows name
-- params: none
-- returns: number of rows
UPDATE sources
SET license = s.license, redistributable = s.redistributable
FROM licensed AS s
WHERE sources.source = s.source AND sources.license IS DISTINCT FROM s.license
