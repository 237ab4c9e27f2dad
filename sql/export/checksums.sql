-- title: The checksum file of the copied images, as sha256sum reads it
-- params: none
-- returns: line
SELECT s.sha256 || '  ' || s.path || chr(10) AS line
FROM memory.main.saved AS s
WHERE NOT s.linked
ORDER BY s.path
