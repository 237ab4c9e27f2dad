-- title: What could not be read or made, newest first
-- params: none
-- returns: failed_at, layer, source, error, input, item, image_id, message, attempt, run_id
SELECT
    date_trunc('second', failed_at) AS failed_at,
    layer,
    source,
    error,
    input,
    item,
    image_id,
    message,
    attempt,
    run_id
FROM failures
ORDER BY
    failures.failed_at DESC,
    input,
    item,
    failure_id
