-- title: Add the new findings
-- params: run_id VARCHAR  the run
-- returns: number of rows
INSERT INTO findings BY NAME
SELECT * EXCLUDE (batch_id) REPLACE ($run_id AS run_id)
FROM new_findings
