-- title: Add the new images
-- params: run_id VARCHAR  the run; now TIMESTAMPTZ  time of the commit
-- returns: number of rows
INSERT INTO images BY NAME
SELECT * EXCLUDE (batch_id, batch_number, place) REPLACE ($run_id AS run_id, $now AS ingested_at)
FROM new_images
