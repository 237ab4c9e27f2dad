-- title: Files that rows name, for taking their bytes
-- params: none
-- returns: ordinal, part, base, uri, sha256, from listing and named
SELECT ordinal, part, base, uri, sha256
FROM listing
SEMI JOIN named USING (base)
ORDER BY ordinal
