-- title: What could not be read or made, newest first, with the reason
-- params: none
-- returns: error, input, item, message
SELECT
    coalesce(error, 'failed') AS error,
    coalesce(input, image_id, '') AS input,
    coalesce(item, CASE WHEN input IS NOT NULL THEN image_id END) AS item,
    coalesce(message, '') AS message
FROM failures
ORDER BY
    failed_at DESC,
    input,
    item,
    failure_id
