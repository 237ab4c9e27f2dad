-- title: Staged descriptions of the tries that count
-- params: none
-- returns: the temporary view new_texts
CREATE TEMP VIEW new_texts AS
SELECT DISTINCT ON (d.description_id) d.*
FROM staged_descriptions AS d
JOIN new_outcomes AS o ON o.image_key = d.image_key AND o.batch_id = d.batch_id
