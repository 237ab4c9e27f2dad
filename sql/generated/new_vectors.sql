-- title: Staged vectors of the tries that count
-- params: none
-- returns: the temporary view new_vectors
CREATE TEMP VIEW new_vectors AS
SELECT v.image_key, v.image_id, v.unit_id, v.vector
FROM staged_vectors AS v
JOIN new_outcomes AS o ON o.image_key = v.image_key AND o.batch_id = v.batch_id
