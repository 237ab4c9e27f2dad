-- title: Images that show several organs
-- params: least BIGINT = 2  fewest organs
-- returns: image_id, organs, modality, source
SELECT
    image_id,
    organs,
    modality,
    source
FROM images
WHERE len(organs) >= $least
ORDER BY
    len(organs) DESC,
    image_id
