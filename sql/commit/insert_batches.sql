-- title: Record the batches as done
-- params: run_id VARCHAR  the run; now TIMESTAMPTZ  time of the commit
-- returns: number of rows
INSERT INTO batches BY NAME
SELECT
    b.batch_id,
    $run_id AS run_id,
    b.name,
    b.first_number,
    b.images,
    b.outcomes,
    b.rois,
    b.descriptions,
    b.findings,
    (SELECT count(*) FROM new_failures AS f WHERE f.batch_id = b.batch_id) AS failures,
    $now AS committed_at
FROM staged_batches AS b
