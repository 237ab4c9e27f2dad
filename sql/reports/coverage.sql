-- title: For each layer and modality how many images have it, miss it, are stale, failed
-- params: none
-- returns: layer, modality, images, has, misses, stale, failed
SELECT
    layer,
    modality,
    images,
    has,
    misses,
    stale,
    failed
FROM coverage
ORDER BY
    list_position(['pixels', 'rois', 'masks', 'coarse_caption', 'descriptions', 'findings', 'embeddings'], layer),
    modality
