-- title: One row a run that wrote into the lake
-- params: none
-- returns: the table runs
CREATE TABLE runs (
    run_id VARCHAR NOT NULL,            -- Id of the run
    kind VARCHAR,                       -- ingest:KIND or a generator's name
    fingerprint VARCHAR,                -- Digest of code version, model, prompt and parameters
    options JSON,                       -- Options the run was given
    host VARCHAR,                       -- Keyed hash of the machine's name
    version VARCHAR,                    -- Triptych version
    started_at TIMESTAMPTZ              -- When it started
)
