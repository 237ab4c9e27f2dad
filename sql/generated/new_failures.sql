-- title: The tries that failed
-- params: none
-- returns: the temporary table new_failures
CREATE TEMP TABLE new_failures AS
SELECT
    md5(concat_ws(chr(31), layer, generator, image_id)) AS failure_id,
    layer,
    source,
    generator AS input,
    NULL::VARCHAR AS item,
    image_id,
    error,
    message,
    batch_id
FROM new_outcomes
WHERE status = 'failed'
