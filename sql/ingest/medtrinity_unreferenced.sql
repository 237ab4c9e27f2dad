-- title: Files that no row names, as failures
-- params: start BIGINT  first of them; stop BIGINT  one after the last
-- returns: fields of a failure; variable unnamed is the Parquet file that lists them
SELECT
    shown AS input,
    NULL::VARCHAR AS item,
    NULL::VARCHAR AS image_id,
    'unreferenced' AS error,
    'no row names ''' || shown || '''; it is not taken in, give the metadata that names it' AS message
FROM read_parquet(getvariable('unnamed'), file_row_number = true)
WHERE file_row_number >= $start AND file_row_number < $stop
ORDER BY ordinal
