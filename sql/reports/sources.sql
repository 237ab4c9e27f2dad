-- title: Sources with their licence and number of images, largest first
-- params: none
-- returns: source, license, redistributable, kind, images
SELECT
    s.source,
    s.license,
    s.redistributable,
    s.kind,
    coalesce(i.images, 0) AS images
FROM sources AS s
LEFT JOIN (
    SELECT source, count(*) AS images
    FROM images
    GROUP BY source
) AS i USING (source)
ORDER BY images DESC, s.source
