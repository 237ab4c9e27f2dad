-- title: The images of one series in the order of its slices; frames of a file follow each other, file by file
-- params: series_key VARCHAR  the series
-- returns: image_id
SELECT image_id
FROM images
WHERE series_key = $series_key
ORDER BY
    CASE WHEN frame IS NOT NULL THEN uri END NULLS FIRST,
    coalesce(frame, slice_index) NULLS LAST,
    slice_index NULLS LAST,
    image_key
