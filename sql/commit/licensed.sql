-- title: The licences that staged rows name for known sources that have another one, or none
-- params: none
-- returns: the temporary table licensed
CREATE TEMP TABLE licensed AS
SELECT s.source, any_value(s.license) AS license, any_value(s.redistributable) AS redistributable
FROM staged_images AS s
JOIN sources AS old USING (source)
WHERE s.license IS NOT NULL AND s.license IS DISTINCT FROM old.license
GROUP BY s.source
