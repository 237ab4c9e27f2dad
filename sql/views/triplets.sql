-- title: One row for each image, region and description that names it; an image without region still has its row, and a description that names no region speaks of all of them
-- params: none
-- returns: the columns of images, of the region and of the description
CREATE OR REPLACE VIEW triplets AS
SELECT
    i.image_id,
    i.source,
    i.file_name,
    i.subset,
    i.uri,
    i.frame,
    i.axis,
    i.width,
    i.height,
    i.modality,
    i.region,
    i.organ,
    i.organs,
    i.disease,
    i.diseases,
    i.license,
    i.redistributable,
    i.patient_key,
    i.study_key,
    i.series_key,
    i.slice_index,
    r.roi_id,
    r.label,
    r.kind AS roi_kind,
    r.x0,
    r.y0,
    r.x1,
    r.y1,
    r.mask,
    r.area_ratio,
    r.box_ratio,
    r.zone_h,
    r.zone_v,
    r.aspect,
    r.components,
    r.origin,
    r.score AS roi_score,
    d.description_id,
    d.kind AS description_kind,
    d.text,
    d.generator,
    d.model,
    d.gate
FROM images AS i
LEFT JOIN rois AS r ON r.image_id = i.image_id
LEFT JOIN descriptions AS d
    ON d.image_id = i.image_id
    AND (r.roi_id IS NULL OR len(coalesce(d.roi_ids, [])) = 0 OR list_contains(d.roi_ids, r.roi_id))
