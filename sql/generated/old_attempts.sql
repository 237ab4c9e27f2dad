-- title: Failures of the generator that this commit replaces: the same images, tried again
-- params: kind VARCHAR  the generator
-- returns: the temporary table old_attempts
CREATE TEMP TABLE old_attempts AS
SELECT failure_id, attempt
FROM failures
WHERE input = $kind AND layer <> 'ingest' AND image_id IN (SELECT image_id FROM new_outcomes WHERE known)
