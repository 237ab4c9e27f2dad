-- title: One row a named slice
-- params: none
-- returns: the table slices
CREATE TABLE slices (
    name VARCHAR NOT NULL,              -- Name of the slice
    filter JSON,                        -- The flags it was saved with
    snapshot BIGINT,                    -- Snapshot it was saved at
    count BIGINT,                       -- Images it held then
    digest VARCHAR,                     -- Digest of the ids it held then, in any order
    saved_at TIMESTAMPTZ                -- When it was saved
)
