-- title: Whether an exported image has a description that may be redistributed
-- params: restricted BOOLEAN  also count those that may not
-- returns: one row if so
SELECT 1
FROM memory.main.exported AS e
JOIN memory.main.texts AS t ON t.image_key = e.image_key
WHERE $restricted OR e.redistributable IS DISTINCT FROM false
LIMIT 1
