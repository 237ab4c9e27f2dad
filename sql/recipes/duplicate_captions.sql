-- title: Captions that several images share word for word, often neighbouring slices
-- params: least BIGINT = 2  fewest images that share it
-- returns: images, cases, image_ids (the first ten), text
WITH said AS (
    SELECT
        trim(d.text) AS text,
        i.image_id,
        coalesce(i.patient_key, i.study_key, i.series_key) AS case_key
    FROM descriptions AS d
    JOIN images AS i USING (image_id)
    WHERE d.kind = 'published'
)
SELECT
    count(DISTINCT image_id) AS images,
    count(DISTINCT case_key) AS cases,
    list_sort(list_distinct(list(image_id)))[1:10] AS image_ids,
    text
FROM said
GROUP BY text
HAVING count(DISTINCT image_id) >= $least
ORDER BY
    images DESC,
    text
