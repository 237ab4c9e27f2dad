-- title: Sources with their licence, and how much each brings
-- params: none
-- returns: source, license, redistributable, images, rois, descriptions
SELECT
    s.source,
    s.license,
    s.redistributable,
    (SELECT count(*) FROM images AS i WHERE i.source = s.source) AS images,
    (SELECT count(*) FROM rois AS r WHERE r.source = s.source) AS rois,
    (
        SELECT count(*)
        FROM descriptions AS d
        JOIN images AS i USING (image_id)
        WHERE i.source = s.source
    ) AS descriptions
FROM sources AS s
ORDER BY
    images DESC,
    s.source
