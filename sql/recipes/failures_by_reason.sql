-- title: What could not be read or made, by layer and kind of error, with an example
-- params: none
-- returns: layer, error, failures, inputs, example_input, example_message
SELECT
    layer,
    error,
    count(*) AS failures,
    count(DISTINCT input) AS inputs,
    arg_min(input, failure_id) AS example_input,
    arg_min(message, failure_id) AS example_message
FROM failures
GROUP BY
    layer,
    error
ORDER BY
    failures DESC,
    layer,
    error
