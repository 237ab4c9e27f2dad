-- title: Failures that a reader met, as they are staged
-- params: none
-- returns: batch_id, source, input, item, image_id, error, message
SELECT batch_id, source, input, item, image_id, error, message
FROM batch_failures
