-- title: The profiles summed up over all commits
-- params: none
-- returns: the temporary table profile_sums
CREATE OR REPLACE TEMP TABLE profile_sums AS
SELECT
    * REPLACE (images::BIGINT AS images)
FROM (
    SELECT
        * EXCLUDE (images),
        sum(images) AS images
    FROM profiles
    GROUP BY ALL
)
WHERE images <> 0
