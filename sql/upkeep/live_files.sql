-- title: The files of the newest snapshot, with the span of what their table is sorted by (null for text)
-- params: none
-- returns: table_name, sort_key, path, rows, bytes, deleted, since, low, high
WITH sorted AS (
    SELECT
        i.table_id,
        c.column_id,
        e.expression
    FROM __ducklake_metadata_lake.ducklake_sort_info AS i
    JOIN __ducklake_metadata_lake.ducklake_sort_expression AS e ON e.sort_id = i.sort_id AND e.sort_key_index = 0
    JOIN __ducklake_metadata_lake.ducklake_column AS c
        ON c.table_id = i.table_id AND c.column_name = e.expression AND c.parent_column IS NULL
    WHERE i.end_snapshot IS NULL AND c.end_snapshot IS NULL AND c.column_type IN ('int32', 'int64', 'uint64')
)
SELECT
    t.table_name,
    o.expression AS sort_key,
    s.path || t.path || f.path AS path,
    f.record_count AS rows,
    f.file_size_bytes AS bytes,
    coalesce(d.delete_count, 0) AS deleted,
    f.begin_snapshot AS since,
    TRY_CAST(v.min_value AS HUGEINT) AS low,
    TRY_CAST(v.max_value AS HUGEINT) AS high
FROM __ducklake_metadata_lake.ducklake_data_file AS f
JOIN __ducklake_metadata_lake.ducklake_table AS t ON t.table_id = f.table_id AND t.end_snapshot IS NULL
JOIN __ducklake_metadata_lake.ducklake_schema AS s ON s.schema_id = t.schema_id AND s.end_snapshot IS NULL
LEFT JOIN __ducklake_metadata_lake.ducklake_delete_file AS d
    ON d.data_file_id = f.data_file_id AND d.end_snapshot IS NULL
LEFT JOIN sorted AS o ON o.table_id = f.table_id
LEFT JOIN __ducklake_metadata_lake.ducklake_file_column_stats AS v
    ON v.data_file_id = f.data_file_id AND v.column_id = o.column_id
WHERE f.end_snapshot IS NULL
ORDER BY t.table_name, f.data_file_id
