-- title: Add the new findings
-- params: run_id VARCHAR  the run
-- returns: number of rows
INSERT INTO findings BY NAME
SELECT * EXCLUDE (batch_id, content_hash, own_image) REPLACE ($run_id AS run_id)
FROM new_findings
