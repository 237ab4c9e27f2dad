-- title: Number of the next image of the lake; numbers are the lower 34 bits of row keys and are given once
-- params: none
-- returns: one number
SELECT coalesce(max(first_number + images), 0) AS first_number
FROM batches
