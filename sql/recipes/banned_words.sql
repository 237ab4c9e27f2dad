-- title: Captions that speak of how they were made (green bounding box, provided disease type, ...), which a model would repeat
-- params: also VARCHAR[] = NULL  further phrases, separated by commas
-- returns: description_id, image_id, found, text
WITH banned(phrase) AS (
    VALUES
        ('green bounding box'),
        ('caption'),
        ('medical annotation'),
        ('medical knowledge'),
        ('provided disease type')
    UNION
    SELECT lower(unnest($also::VARCHAR[]))
)
SELECT
    d.description_id,
    any_value(d.image_id) AS image_id,
    list_sort(list(b.phrase)) AS found,
    any_value(d.text) AS text
FROM descriptions AS d
JOIN banned AS b ON contains(lower(d.text), b.phrase)
GROUP BY d.description_id
ORDER BY d.description_id
