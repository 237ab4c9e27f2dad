-- title: Every basename once, with the first file that bears it and whether all its files are equal
-- params: none
-- returns: the columns of listing, copies (number of files) and same, from listing, doubles and hashes
WITH judged AS (
    SELECT
        d.base,
        min(d.ordinal) AS ordinal,
        count(*) AS copies,
        bool_and(d.comparable)
        AND count(coalesce(d.sha256, h.read_sha256)) = count(*)
        AND count(DISTINCT coalesce(d.sha256, h.read_sha256)) = 1 AS same
    FROM doubles AS d
    LEFT JOIN hashes AS h USING (ordinal)
    GROUP BY d.base
)
SELECT *, 1 AS copies, true AS same
FROM listing
WHERE base NOT IN (SELECT base FROM judged)
UNION ALL
SELECT doubles.* EXCLUDE (comparable), judged.copies, judged.same
FROM judged
JOIN doubles USING (ordinal)
