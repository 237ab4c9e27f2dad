-- title: One row an input or an image that could not be processed, with the reason
-- params: none
-- returns: the table failures
CREATE TABLE failures (
    failure_id VARCHAR NOT NULL,        -- Digest of layer, input, item and reason
    layer VARCHAR,                      -- ingest, or the layer of the generator that failed
    source VARCHAR,                     -- Source that was being read
    input VARCHAR,                      -- File or table read, or the generator that failed
    item VARCHAR,                       -- Row, member, frame or annotation within the input
    image_id VARCHAR,                   -- Image concerned, where one is known
    error VARCHAR,                      -- Kind of error, one word
    message VARCHAR,                    -- What is wrong, the value, and how to mend it
    attempt INTEGER,                    -- How often it was tried
    batch_id VARCHAR,                   -- Batch it belongs to
    run_id VARCHAR,                     -- Run that met it
    failed_at TIMESTAMPTZ               -- When
)
