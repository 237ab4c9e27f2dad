-- title: The sources of the exported images
-- params: none
-- returns: source, license, count
SELECT
    source,
    license,
    count(*) AS count
FROM memory.main.exported
GROUP BY source, license
ORDER BY source, license
