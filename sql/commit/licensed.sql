-- title: The licence that staged rows name for each known source that has another one, or none; several licences for one source change nothing
-- params: none
-- returns: the temporary table licensed
CREATE TEMP TABLE licensed AS
SELECT s.source, any_value(s.license) AS license, any_value(s.redistributable) AS redistributable
FROM staged_images AS s
JOIN sources AS old USING (source)
WHERE
    s.license IS NOT NULL
    AND NOT EXISTS (FROM refused_images AS x WHERE x.image_id = s.image_id AND x.content_hash = s.content_hash)
GROUP BY s.source
HAVING count(DISTINCT s.license) = 1 AND any_value(s.license) IS DISTINCT FROM any_value(old.license)
