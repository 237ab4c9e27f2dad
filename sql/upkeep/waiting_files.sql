-- title: Files that no snapshot needs any more, and since when
-- params: none
-- returns: path, since
SELECT
    path,
    schedule_start::TIMESTAMPTZ AS since
FROM __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion
