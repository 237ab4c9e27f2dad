-- title: What of the slice is not exported, and why
-- params: none
-- returns: reason, source, license, count, examples (the first five ids), message (one of them)
SELECT
    l.reason,
    c.source,
    c.license,
    count(*) AS count,
    min(l.image_id, 5) AS examples,
    min(l.message) AS message
FROM memory.main.left_out AS l
JOIN memory.main.chosen AS c ON c.image_id = l.image_id
GROUP BY l.reason, c.source, c.license
ORDER BY l.reason, c.source, c.license
