-- title: Drop the failures of an earlier try
-- params: none
-- returns: number of rows
DELETE FROM failures
WHERE failure_id IN (SELECT failure_id FROM old_attempts)
