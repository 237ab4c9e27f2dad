-- title: Record the run, once
-- params: run_id VARCHAR  the run; kind VARCHAR  what it does; fingerprint VARCHAR  of its code and options; options VARCHAR  as JSON; host VARCHAR  keyed hash; version VARCHAR  of Triptych; started_at TIMESTAMPTZ  when
-- returns: number of rows
INSERT INTO runs BY NAME
SELECT
    $run_id AS run_id,
    $kind AS kind,
    $fingerprint AS fingerprint,
    $options AS options,
    $host AS host,
    $version AS version,
    $started_at AS started_at
WHERE $run_id NOT IN (SELECT run_id FROM runs)
