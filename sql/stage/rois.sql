-- title: Regions of a batch as they go into the lake, with their ids
-- params: none
-- returns: the columns of rois, content_hash and batch_id
SELECT * REPLACE (
    md5(concat_ws(chr(31), image_id, label, kind, x0, y0, x1, y1, mask, origin, coalesce(generator, ''))) AS roi_id,
    'fresh' AS status
)
FROM batch_rois
