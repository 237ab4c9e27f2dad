-- title: Descriptions that stay behind although their images are listed, because their licence forbids redistribution
-- params: none
-- returns: reason, source, license, count, examples (the first five image ids), message
SELECT
    'licence forbids redistribution of its descriptions' AS reason,
    e.source,
    e.license,
    count(*) AS count,
    min(e.image_id, 5) AS examples,
    'pass include_restricted (--include-restricted) if you may redistribute them' AS message
FROM memory.main.exported AS e
JOIN memory.main.texts AS t ON t.image_key = e.image_key
WHERE e.redistributable = false
GROUP BY e.source, e.license
ORDER BY e.source, e.license
