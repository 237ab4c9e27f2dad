-- title: Every file that a snapshot needs, or that waits to be deleted
-- params: none
-- returns: path
SELECT s.path || t.path || f.path AS path
FROM __ducklake_metadata_lake.ducklake_data_file AS f
JOIN __ducklake_metadata_lake.ducklake_table AS t ON t.table_id = f.table_id
JOIN __ducklake_metadata_lake.ducklake_schema AS s ON s.schema_id = t.schema_id
UNION
SELECT s.path || t.path || d.path
FROM __ducklake_metadata_lake.ducklake_delete_file AS d
JOIN __ducklake_metadata_lake.ducklake_table AS t ON t.table_id = d.table_id
JOIN __ducklake_metadata_lake.ducklake_schema AS s ON s.schema_id = t.schema_id
UNION
SELECT path
FROM __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion
