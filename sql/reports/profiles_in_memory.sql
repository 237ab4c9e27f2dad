-- title: The profiles of a snapshot, each combination once
-- params: snapshot BIGINT  number of the snapshot
-- returns: the columns of profiles
SELECT * EXCLUDE (images), sum(images)::BIGINT AS images
FROM profiles AT (VERSION => $snapshot)
GROUP BY ALL
