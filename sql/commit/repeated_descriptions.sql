-- title: Descriptions that are staged more than once
-- params: none
-- returns: the temporary table repeated_descriptions
CREATE TEMP TABLE repeated_descriptions AS
SELECT description_id
FROM staged_descriptions
GROUP BY description_id
HAVING count(*) > 1
