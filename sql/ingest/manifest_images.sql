-- title: Images that rows of a manifest speak of, each once for each thing said of it; the keys are still to be hashed
-- params: none
-- returns: the columns of images that a manifest can fill, from manifest_rows
WITH doubled AS (
    SELECT image_id
    FROM manifest_rows
    WHERE NOT nameless
    GROUP BY image_id
    HAVING count(*) > 1
), grouped AS (
    SELECT image_id, content_hash, min(row) AS row, min(extra) AS extra, min(extra) <> max(extra) AS differ
    FROM manifest_rows
    SEMI JOIN doubled USING (image_id)
    WHERE NOT nameless
    GROUP BY image_id, content_hash
), listed AS (
    SELECT g.row, to_json(list(r.extra::JSON ORDER BY r.row))::VARCHAR AS extra
    FROM manifest_rows AS r
    JOIN grouped AS g ON g.differ AND g.image_id = r.image_id AND g.content_hash IS NOT DISTINCT FROM r.content_hash
    GROUP BY g.row
)
SELECT
    r.image_id,
    r.source,
    r.source_raw,
    r.file_name,
    r.subset,
    r.uri,
    r.frame,
    r.width,
    r.height,
    r.channels,
    r.bit_depth,
    r.sha256,
    r.modality,
    r.region,
    r.organs,
    r.diseases,
    r.view,
    r.laterality,
    r.license,
    r.patient AS patient_key,
    r.study AS study_key,
    r.series AS series_key,
    r.slice_index,
    r.axis,
    r.frame_of_reference AS frame_of_reference_key,
    r.position,
    r.orientation,
    r.pixel_spacing,
    r.box_burned_in,
    r.content_hash,
    coalesce(listed.extra, g.extra, r.extra) AS extra
FROM manifest_rows AS r
LEFT JOIN doubled ON doubled.image_id = r.image_id
LEFT JOIN grouped AS g ON g.row = r.row
LEFT JOIN listed ON listed.row = r.row
WHERE NOT r.nameless AND (doubled.image_id IS NULL OR g.row IS NOT NULL)
ORDER BY r.row
