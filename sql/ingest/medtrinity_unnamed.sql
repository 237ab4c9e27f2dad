-- title: Files that no row names
-- params: none
-- returns: ordinal, shown, from listing and named
SELECT ordinal, shown
FROM listing
ANTI JOIN named USING (base)
ORDER BY ordinal
