-- title: Add the descriptions
-- params: run_id VARCHAR  the run; now TIMESTAMPTZ  time of the commit
-- returns: number of rows
INSERT INTO descriptions BY NAME
SELECT * EXCLUDE (batch_id) REPLACE ($run_id AS run_id, $now AS created_at)
FROM new_texts
