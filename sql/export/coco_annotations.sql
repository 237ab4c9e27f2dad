-- title: The regions of the exported images as COCO annotations; a region without mask has an empty segmentation
-- params: lo BIGINT  first image; hi BIGINT  last image; before BIGINT  annotations written before
-- returns: line, each but the first after a comma
SELECT
    CASE WHEN id > 1 THEN ',' || chr(10) ELSE '' END
    || to_json({
        'id': id,
        'image_id': number,
        'category_id': category,
        'bbox': [x0, y0, x1 - x0, y1 - y0],
        'area': CASE
            WHEN mask IS NULL OR area_ratio IS NULL THEN (x1 - x0) * (y1 - y0)
            ELSE round(area_ratio * width * height)
        END,
        'segmentation': CASE
            WHEN mask IS NULL OR width IS NULL OR height IS NULL THEN '[]'::JSON
            ELSE to_json({'size': [height, width], 'counts': mask})
        END,
        'iscrowd': 0,
        'roi_id': roi_id
    })::VARCHAR AS line
FROM (
    SELECT
        $before + row_number() OVER (ORDER BY e.number, r.roi_id) AS id,
        e.number,
        c.id AS category,
        r.roi_id,
        r.x0,
        r.y0,
        r.x1,
        r.y1,
        r.mask,
        r.area_ratio,
        i.width,
        i.height
    FROM memory.main.exported AS e
    JOIN images AS i ON i.image_key = e.image_key
    JOIN rois AS r ON r.image_key = e.image_key
    JOIN memory.main.categories AS c ON c.name = coalesce(r.label, r.kind, 'other')
    WHERE e.number BETWEEN $lo AND $hi
)
ORDER BY id
