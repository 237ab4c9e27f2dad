-- title: The licences of the exported images, as COCO lists them
-- params: none
-- returns: line, each but the first after a comma
SELECT
    CASE WHEN id > 1 THEN ',' || chr(10) ELSE '' END || to_json({'id': id, 'name': license, 'url': ''})::VARCHAR AS line
FROM (
    SELECT
        row_number() OVER (ORDER BY license) AS id,
        license
    FROM (SELECT DISTINCT license FROM memory.main.exported WHERE license IS NOT NULL)
)
ORDER BY id
