-- title: Give the images of a source the licence that the staged rows name
-- params: none
-- returns: number of rows
UPDATE images
SET license = s.license, redistributable = s.redistributable
FROM licensed AS s
WHERE images.source = s.source AND images.license IS DISTINCT FROM s.license
