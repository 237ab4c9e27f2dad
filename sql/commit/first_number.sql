-- title: Number of the next image of the lake; numbers are the lower 34 bits of row keys and are given once
-- params: none
-- returns: one number
SELECT coalesce(max(image_key & 17179869183) + 1, 0) AS first_number
FROM image_ids
