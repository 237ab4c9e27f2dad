-- title: What made the regions and descriptions of the exported images
-- params: none
-- returns: generator, model, fingerprint, layer, count
WITH made AS (
    SELECT
        generator,
        model,
        fingerprint,
        'rois' AS layer
    FROM rois
    SEMI JOIN memory.main.exported USING (image_key)
    UNION ALL
    SELECT
        generator,
        model,
        fingerprint,
        'descriptions' AS layer
    FROM descriptions
    SEMI JOIN memory.main.exported USING (image_key)
)
SELECT
    generator,
    model,
    fingerprint,
    layer,
    count(*) AS count
FROM made
WHERE generator IS NOT NULL
GROUP BY ALL
ORDER BY ALL
