-- title: Words that complete a query: tables, columns with those that have them, keywords and functions
-- params: none
-- returns: kind, word, detail
SELECT
    'table' AS kind,
    table_name AS word,
    NULL AS detail
FROM duckdb_columns()
WHERE database_name = 'lake'
GROUP BY table_name
UNION ALL
SELECT
    'column',
    column_name,
    string_agg(DISTINCT table_name, ' ' ORDER BY table_name)
FROM duckdb_columns()
WHERE database_name = 'lake'
GROUP BY column_name
UNION ALL
SELECT
    'function',
    function_name,
    NULL
FROM duckdb_functions()
WHERE regexp_matches(function_name, '^[a-z][a-z0-9_]+$')
GROUP BY function_name
UNION ALL
SELECT
    'keyword',
    upper(keyword_name),
    NULL
FROM duckdb_keywords()
WHERE keyword_category = 'reserved'
