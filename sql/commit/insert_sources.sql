-- title: Add the sources that are new
-- params: run_id VARCHAR  the run; now TIMESTAMPTZ  time of the commit; kind VARCHAR  the reader
-- returns: number of rows
INSERT INTO sources BY NAME
SELECT
    source,
    any_value(license) AS license,
    any_value(redistributable) AS redistributable,
    $kind AS kind,
    $run_id AS first_run_id,
    $now AS added_at
FROM new_images
WHERE source IS NOT NULL AND source NOT IN (SELECT source FROM sources)
GROUP BY source
