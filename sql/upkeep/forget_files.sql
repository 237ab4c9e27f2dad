-- title: Forget files that have been deleted
-- params: paths VARCHAR[]  their places in the lake's data
-- returns: number of rows
DELETE FROM __ducklake_metadata_lake.ducklake_files_scheduled_for_deletion
WHERE path IN (SELECT unnest($paths))
