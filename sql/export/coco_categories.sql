-- title: The labels of the exported regions as COCO categories, numbered from 1 in their order
-- params: none
-- returns: line, each but the first after a comma
SELECT
    CASE WHEN id > 1 THEN ',' || chr(10) ELSE '' END
    || to_json({'id': id, 'name': name, 'supercategory': kind})::VARCHAR AS line
FROM memory.main.categories
ORDER BY id
