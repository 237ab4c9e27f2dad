-- title: The runs that wrote into the lake, newest first, with what they added
-- params: none
-- returns: started_at, kind, images, outcomes, rois, descriptions, findings, failures, run_id, version, options
SELECT
    date_trunc('second', r.started_at) AS started_at,
    r.kind,
    coalesce(b.images, 0) AS images,
    coalesce(b.outcomes, 0) AS outcomes,
    coalesce(b.rois, 0) AS rois,
    coalesce(b.descriptions, 0) AS descriptions,
    coalesce(b.findings, 0) AS findings,
    coalesce(b.failures, 0) AS failures,
    r.run_id,
    r.version,
    r.options
FROM runs AS r
LEFT JOIN (
    SELECT
        run_id,
        sum(images)::BIGINT AS images,
        sum(outcomes)::BIGINT AS outcomes,
        sum(rois)::BIGINT AS rois,
        sum(descriptions)::BIGINT AS descriptions,
        sum(findings)::BIGINT AS findings,
        sum(failures)::BIGINT AS failures
    FROM batches
    GROUP BY run_id
) AS b USING (run_id)
ORDER BY r.started_at DESC
