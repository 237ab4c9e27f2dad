-- title: One line an image, with its regions, descriptions and findings
-- params: lo BIGINT  first image; hi BIGINT  last image
-- returns: line
WITH part AS (
    SELECT number, image_key, image_id, image
    FROM memory.main.exported
    WHERE number BETWEEN $lo AND $hi
),
regions AS (
    SELECT
        r.image_key,
        list({
            'roi_id': r.roi_id,
            'label': r.label,
            'kind': r.kind,
            'box': [r.x0, r.y0, r.x1, r.y1],
            'mask': r.mask,
            'area_ratio': r.area_ratio,
            'box_ratio': r.box_ratio,
            'zone_h': r.zone_h,
            'zone_v': r.zone_v,
            'aspect': r.aspect,
            'components': r.components,
            'origin': r.origin,
            'score': nullif(r.score, 'nan'::DOUBLE),
            'generator': r.generator
        } ORDER BY r.roi_id) AS rois
    FROM rois AS r
    SEMI JOIN part AS p ON p.image_key = r.image_key
    GROUP BY r.image_key
),
spoken AS (
    SELECT
        d.image_key,
        list({
            'description_id': d.description_id,
            'kind': d.kind,
            'text': d.text,
            'roi_ids': coalesce(d.roi_ids, []),
            'generator': d.generator
        } ORDER BY d.description_id) AS descriptions
    FROM descriptions AS d
    SEMI JOIN part AS p ON p.image_key = d.image_key
    GROUP BY d.image_key
),
found AS (
    SELECT
        f.image_key,
        list({
            'concept': f.concept,
            'concept_id': f.concept_id,
            'status': f.status,
            'laterality': f.laterality,
            'origin': f.origin,
            'score': nullif(f.score, 'nan'::DOUBLE)
        } ORDER BY f.concept, f.concept_id, f.status, f.laterality, f.origin, f.score) AS findings
    FROM findings AS f
    SEMI JOIN part AS p ON p.image_key = f.image_key
    GROUP BY f.image_key
)
SELECT
    to_json({
        'image_id': p.image_id,
        'image': p.image,
        'file_name': i.file_name,
        'source': i.source,
        'license': i.license,
        'subset': i.subset,
        'width': i.width,
        'height': i.height,
        'modality': i.modality,
        'region': i.region,
        'organs': coalesce(i.organs, []),
        'diseases': coalesce(i.diseases, []),
        'view': i.view,
        'laterality': i.laterality,
        'patient_key': i.patient_key,
        'study_key': i.study_key,
        'series_key': i.series_key,
        'slice_index': i.slice_index,
        'axis': i.axis,
        'rois': coalesce(r.rois, []),
        'descriptions': coalesce(d.descriptions, []),
        'findings': coalesce(f.findings, [])
    })::VARCHAR || chr(10) AS line
FROM part AS p
JOIN images AS i ON i.image_key = p.image_key
LEFT JOIN regions AS r ON r.image_key = p.image_key
LEFT JOIN spoken AS d ON d.image_key = p.image_key
LEFT JOIN found AS f ON f.image_key = p.image_key
ORDER BY p.number
