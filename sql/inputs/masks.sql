-- title: Published regions that have a mask
-- params: generator VARCHAR  whose own rows do not count
-- returns: image_key, row_id, label, kind, x0, y0, x1, y1, mask
SELECT image_key, roi_id AS row_id, label, kind, x0, y0, x1, y1, mask
FROM rois
WHERE generator <> $generator AND mask IS NOT NULL AND starts_with(generator, 'ingest:')
