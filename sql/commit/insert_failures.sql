-- title: Add the failures
-- params: run_id VARCHAR  the run; now TIMESTAMPTZ  time of the commit
-- returns: number of rows
INSERT INTO failures BY NAME
SELECT f.*, coalesce(o.attempt, 0) + 1 AS attempt, $run_id AS run_id, $now AS failed_at
FROM new_failures AS f
LEFT JOIN old_attempts AS o USING (failure_id)
