-- title: Record what came of the tries
-- params: run_id VARCHAR  the run; now TIMESTAMPTZ  time of the commit
-- returns: number of rows
INSERT INTO outcomes BY NAME
SELECT * EXCLUDE (batch_id, known, image_id, source, error, message), $run_id AS run_id, $now AS created_at
FROM new_outcomes
