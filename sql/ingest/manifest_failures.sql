-- title: What is wrong with rows of a manifest
-- params: none
-- returns: the fields of a failure, from manifest_rows and manifest_masks; variables input and nameless
WITH told AS (
    SELECT row, image_id, 'nameless' AS error, getvariable('nameless') AS message
    FROM manifest_rows
    WHERE nameless
    UNION ALL
    SELECT row, image_id, 'value', format('{} is ''{}'', not {}; the value is left out', bad.field, bad.value[:100], bad.wanted)
    FROM (SELECT row, image_id, unnest(bad) AS bad FROM manifest_rows WHERE len(bad) > 0)
    UNION ALL
    SELECT
        row,
        image_id,
        'box',
        concat(
            format('the box [{}, {}, {}, {}] ', coalesce(x0::VARCHAR, '-'), coalesce(y0::VARCHAR, '-'), coalesce(x1::VARCHAR, '-'), coalesce(y1::VARCHAR, '-')),
            CASE box
                WHEN 'incomplete' THEN 'lacks an edge'
                WHEN 'infinite' THEN 'is not finite'
                WHEN 'empty' THEN 'is empty'
                WHEN 'outside' THEN 'lies outside its image'
                ELSE 'reaches outside its image'
            END,
            coalesce(CASE WHEN box IN ('outside', 'clipped') THEN ' of ' || width || 'x' || height END, ''),
            CASE WHEN box = 'clipped' THEN '; it is cut at the edge' ELSE '; it is left out, mend it in the table' END
        )
    FROM manifest_rows
    WHERE mask IS NULL AND box NOT IN ('none', 'whole') AND (box <> 'incomplete' OR len(coalesce(bad, [])) = 0)
    UNION ALL
    SELECT row, NULL, 'mask', problem || '; the region is left out'
    FROM manifest_masks
    WHERE problem IS NOT NULL
    UNION ALL
    SELECT row, image_id, 'kind', format('kind is ''{}'', not lesion, organ, cell, device or other; it is taken as other', kind[:100])
    FROM manifest_rows
    WHERE lower(kind) NOT IN ('lesion', 'organ', 'cell', 'device', 'other')
)
SELECT
    getvariable('input') AS input,
    'row ' || told.row AS item,
    CASE WHEN error <> 'nameless' THEN image_id END AS image_id,
    error,
    format('row {}: {}', told.row, message) AS message
FROM told
ORDER BY told.row
