-- title: Drop the sets of vectors of the generator that another fingerprint has made anew altogether; an image on which that failed keeps its vectors
-- params: kind VARCHAR  the generator; fingerprint VARCHAR  of the run
-- returns: number of rows
DELETE FROM vector_sets
WHERE
    generator = $kind
    AND fingerprint <> $fingerprint
    AND fingerprint NOT IN (SELECT fingerprint FROM outcomes WHERE generator = $kind AND status = 'done')
    AND NOT EXISTS (FROM outcomes WHERE generator = $kind AND status = 'failed' AND made > 0)
