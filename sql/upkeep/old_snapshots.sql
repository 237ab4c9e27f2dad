-- title: The snapshots made before a moment, without the newest
-- params: before TIMESTAMPTZ  the moment
-- returns: snapshot_id
SELECT snapshot_id
FROM lake.snapshots()
WHERE snapshot_time < $before AND snapshot_id < (SELECT max(snapshot_id) FROM lake.snapshots())
ORDER BY snapshot_id
