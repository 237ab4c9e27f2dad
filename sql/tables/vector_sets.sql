-- title: One row a set of embeddings: the Lance dataset that holds it, and the version of that dataset which belongs to this snapshot
-- params: none
-- returns: the table vector_sets
CREATE TABLE vector_sets (
    name VARCHAR NOT NULL,              -- Name of the set, and of its folder below vectors/: GENERATOR-FINGERPRINT
    generator VARCHAR,                  -- Generator that embeds
    model VARCHAR,                      -- Model and revision
    fingerprint VARCHAR,                -- Digest of code version, model and parameters
    unit VARCHAR,                       -- What a vector stands for: image, region or description
    dimension INTEGER,                  -- Numbers a vector
    version BIGINT,                     -- Version of the Lance dataset
    vectors BIGINT,                     -- Vectors in that version
    run_id VARCHAR,                     -- Run that last changed it
    updated_at TIMESTAMPTZ              -- When
)
