-- title: The profiles of a snapshot, each combination once
-- params: snapshot BIGINT  number of the snapshot
-- returns: the columns of profiles, and cluster: where the images lie
SELECT
    * EXCLUDE (images),
    image_cluster(modality, organ, disease) AS cluster,
    sum(images)::BIGINT AS images
FROM profiles AT (VERSION => $snapshot)
GROUP BY ALL
