-- title: Failures of an earlier try that this commit replaces: the same batch read again, or a file that has now been read
-- params: none
-- returns: the temporary table old_attempts
CREATE TEMP TABLE old_attempts AS
SELECT failure_id, attempt
FROM failures
WHERE
    layer = 'ingest'
    AND (
        batch_id IN (SELECT batch_id FROM staged_batches)
        OR failure_id IN (SELECT failure_id FROM new_failures)
        OR input IN (SELECT uri FROM staged_images WHERE uri IN (SELECT input FROM failures))
    )
