-- title: Files that share their basename with another
-- params: none
-- returns: the temporary table doubles: the columns of listing and comparable (all files of the name have the same size)
CREATE TEMP TABLE doubles AS
WITH names AS (
    SELECT base, min(size) = max(size) AS comparable
    FROM listing
    GROUP BY base
    HAVING count(*) > 1
)
SELECT listing.*, names.comparable
FROM listing
JOIN names USING (base)
