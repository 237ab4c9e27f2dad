-- title: Number of rows of each table that holds content
-- params: none
-- returns: images, rois, descriptions, findings
SELECT
    (SELECT count(*) FROM images) AS images,
    (SELECT count(*) FROM rois) AS rois,
    (SELECT count(*) FROM descriptions) AS descriptions,
    (SELECT count(*) FROM findings) AS findings
