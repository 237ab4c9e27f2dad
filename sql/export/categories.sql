-- title: Number the labels of the exported regions; a region without label goes by its kind
-- params: none
-- returns: nothing
CREATE TABLE memory.main.categories AS
SELECT
    row_number() OVER (ORDER BY name) AS id,
    name,
    kind
FROM (
    SELECT
        coalesce(r.label, r.kind, 'other') AS name,
        min(coalesce(r.kind, 'other')) AS kind
    FROM rois AS r
    SEMI JOIN memory.main.exported AS e ON e.image_key = r.image_key
    GROUP BY 1
)
