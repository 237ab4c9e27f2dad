-- title: Sources that an export leaves out or that nobody has cleared: no licence known, or one that forbids redistribution
-- params: none
-- returns: source, license, why, images
SELECT
    s.source,
    s.license,
    if(s.redistributable IS NULL, 'no licence known', 'licence forbids redistribution') AS why,
    count(i.image_id) AS images
FROM sources AS s
LEFT JOIN images AS i ON i.source = s.source
WHERE s.redistributable IS DISTINCT FROM true
GROUP BY
    s.source,
    s.license,
    s.redistributable
ORDER BY
    images DESC,
    s.source
