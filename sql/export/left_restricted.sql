-- title: Leave out the images whose licence forbids redistribution
-- params: none
-- returns: number of rows
INSERT INTO memory.main.left_out
SELECT
    image_id,
    'licence forbids redistribution' AS reason,
    'pass include_restricted (--include-restricted) if you may redistribute them' AS message
FROM memory.main.chosen
WHERE redistributable = false
