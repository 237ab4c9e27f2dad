-- title: Ids of the regions of a batch; edges count to 1/1024 of a pixel
-- params: none
-- returns: roi_id, in the order of batch_rois
SELECT md5(
    concat_ws(
        chr(31),
        image_id,
        label,
        kind,
        round(x0 * 1024)::BIGINT,
        round(y0 * 1024)::BIGINT,
        round(x1 * 1024)::BIGINT,
        round(y1 * 1024)::BIGINT,
        mask,
        origin,
        generator
    )
) AS id
FROM batch_rois
