-- title: Drop the record of batches that are read again
-- params: none
-- returns: number of rows
DELETE FROM batches
WHERE batch_id IN (SELECT batch_id FROM staged_batches)
