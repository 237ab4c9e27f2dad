-- title: The data files of vector_sets that a snapshot needs
-- params: none
-- returns: path
SELECT s.path || t.path || f.path AS path
FROM __ducklake_metadata_lake.ducklake_data_file AS f
JOIN __ducklake_metadata_lake.ducklake_table AS t ON t.table_id = f.table_id AND t.table_name = 'vector_sets'
JOIN __ducklake_metadata_lake.ducklake_schema AS s ON s.schema_id = t.schema_id
