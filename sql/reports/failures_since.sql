-- title: The first failures since a moment, one for each kind of error, to show after a run
-- params: since TIMESTAMPTZ  moment; few INTEGER = 3  how many
-- returns: error, failures, input, message
SELECT
    error,
    count(*) AS failures,
    arg_min(input, failure_id) AS input,
    arg_min(message, failure_id) AS message
FROM failures
WHERE failed_at >= $since
GROUP BY error
ORDER BY
    failures DESC,
    error
LIMIT $few
