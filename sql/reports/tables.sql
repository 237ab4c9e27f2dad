-- title: Tables and views of the lake with what they hold
-- params: none
-- returns: name, comment
SELECT
    table_name AS name,
    comment
FROM duckdb_tables()
WHERE database_name = 'lake'
UNION ALL
SELECT
    view_name,
    comment
FROM duckdb_views()
WHERE database_name = 'lake'
ORDER BY name
