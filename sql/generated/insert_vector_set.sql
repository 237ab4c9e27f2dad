-- title: Name the version of a set of vectors that belongs to this snapshot
-- params: name VARCHAR  the set; generator VARCHAR  that embeds; model VARCHAR  and revision; fingerprint VARCHAR  of the generator; unit VARCHAR  what a vector stands for; dimension INTEGER  numbers a vector; version BIGINT  of the Lance dataset; vectors BIGINT  in it; run_id VARCHAR  the run; now TIMESTAMPTZ  time of the commit
-- returns: number of rows
INSERT INTO vector_sets BY NAME
SELECT
    $name AS name,
    $generator AS generator,
    $model AS model,
    $fingerprint AS fingerprint,
    $unit AS unit,
    $dimension AS dimension,
    $version AS version,
    $vectors AS vectors,
    $run_id AS run_id,
    $now AS updated_at
