-- title: One row a batch of work that is in the lake: the guard against doing it twice
-- params: none
-- returns: the table batches
CREATE TABLE batches (
    batch_id VARCHAR NOT NULL,          -- Digest of the run's options and of the input it covers
    run_id VARCHAR,                     -- Run that did it
    name VARCHAR,                       -- What it covers, for people
    first_number BIGINT,                -- Number of its first image: the lower 34 bits of that row key
    images BIGINT,                      -- Images it held, each of which has its number
    outcomes BIGINT,                    -- Images that a generator was tried on
    rois BIGINT,                        -- Regions added
    descriptions BIGINT,                -- Descriptions added
    findings BIGINT,                    -- Findings added
    failures BIGINT,                    -- Inputs that failed
    committed_at TIMESTAMPTZ            -- When it was published
)
