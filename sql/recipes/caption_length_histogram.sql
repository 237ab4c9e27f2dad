-- title: How long captions are, in words
-- params: width BIGINT = 25  words in a bin
-- returns: words_from, words_to, descriptions
WITH counted AS (
    SELECT len(regexp_extract_all(text, '\S+')) // $width AS bin
    FROM descriptions
    WHERE text IS NOT NULL
)
SELECT
    bin * $width AS words_from,
    (bin + 1) * $width - 1 AS words_to,
    count(*) AS descriptions
FROM counted
GROUP BY bin
ORDER BY bin
