-- title: Regions of a manifest, boxes cut at the edges of their images
-- params: none
-- returns: the fields of a region, from manifest_rows and manifest_masks
SELECT
    r.image_id,
    r.label,
    CASE WHEN lower(r.kind) IN ('lesion', 'organ', 'cell', 'device', 'other') THEN lower(r.kind) END AS kind,
    coalesce(m.x0, greatest(r.x0, 0)) AS x0,
    coalesce(m.y0, greatest(r.y0, 0)) AS y0,
    coalesce(m.x1, least(r.x1, r.width)) AS x1,
    coalesce(m.y1, least(r.y1, r.height)) AS y1,
    r.width,
    r.height,
    CASE
        WHEN r.origin IN ('source_mask', 'source_box', 'filename', 'greenbox', 'caption', 'expert_model', 'human') THEN r.origin
        WHEN m.mask IS NOT NULL THEN 'source_mask'
        ELSE 'source_box'
    END AS origin,
    m.mask,
    m.mask_area,
    m.components,
    CASE WHEN isnan(r.score) THEN NULL ELSE r.score END AS score,
    r.content_hash
FROM manifest_rows AS r
LEFT JOIN manifest_masks AS m ON m.row = r.row
WHERE NOT r.nameless AND (m.mask IS NOT NULL OR (r.box IN ('whole', 'clipped') AND m.problem IS NULL))
ORDER BY r.row
