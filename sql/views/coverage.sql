-- title: For each layer and modality: how many images have it, miss it, are stale or failed (images = has + misses + failed; stale is part of has)
-- params: none
-- returns: layer, modality, images, has, misses, stale, failed
CREATE OR REPLACE VIEW coverage AS
WITH names(layer) AS (
    VALUES ('pixels'), ('rois'), ('masks'), ('coarse_caption'), ('descriptions'), ('findings'), ('embeddings')
),
totals AS (
    SELECT modality, sum(images)::BIGINT AS images
    FROM profiles
    GROUP BY modality
),
had AS (
    SELECT layer, modality, count(*) AS has
    FROM layers
    GROUP BY layer, modality
),
aged AS (
    SELECT layer, modality, count(DISTINCT image_key) AS stale
    FROM stale
    GROUP BY layer, modality
),
broken AS (
    SELECT f.layer, i.modality, count(DISTINCT i.image_key) AS failed
    FROM failures AS f
    JOIN image_ids AS m ON m.id_hash = md5_number_lower(f.image_id)
    JOIN images AS i ON i.image_key = m.image_key AND i.image_id = f.image_id
    WHERE NOT EXISTS (FROM layers AS l WHERE l.image_key = i.image_key AND l.layer = f.layer)
    GROUP BY f.layer, i.modality
)
SELECT
    n.layer,
    t.modality,
    t.images,
    coalesce(h.has, 0) AS has,
    t.images - coalesce(h.has, 0) - coalesce(b.failed, 0) AS misses,
    coalesce(a.stale, 0) AS stale,
    coalesce(b.failed, 0) AS failed
FROM totals AS t
CROSS JOIN names AS n
LEFT JOIN had AS h ON h.layer = n.layer AND h.modality IS NOT DISTINCT FROM t.modality
LEFT JOIN aged AS a ON a.layer = n.layer AND a.modality IS NOT DISTINCT FROM t.modality
LEFT JOIN broken AS b ON b.layer = n.layer AND b.modality IS NOT DISTINCT FROM t.modality
