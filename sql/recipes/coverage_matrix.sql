-- title: For each modality the share of images, in percent, that has each layer
-- params: none
-- returns: modality, images, pixels, rois, masks, coarse_caption, descriptions, findings
WITH shares AS (
    SELECT
        modality,
        images,
        layer,
        round(100 * has / images, 1) AS percent
    FROM coverage
)
SELECT
    modality,
    any_value(images) AS images,
    any_value(percent) FILTER (layer = 'pixels') AS pixels,
    any_value(percent) FILTER (layer = 'rois') AS rois,
    any_value(percent) FILTER (layer = 'masks') AS masks,
    any_value(percent) FILTER (layer = 'coarse_caption') AS coarse_caption,
    any_value(percent) FILTER (layer = 'descriptions') AS descriptions,
    any_value(percent) FILTER (layer = 'findings') AS findings
FROM shares
GROUP BY modality
ORDER BY
    images DESC,
    modality
