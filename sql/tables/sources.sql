-- title: One row a collection of images
-- params: none
-- returns: the table sources
CREATE TABLE sources (
    source VARCHAR NOT NULL,            -- Canonical name
    license VARCHAR,                    -- SPDX licence, null when none was given
    redistributable BOOLEAN,            -- Whether that licence allows redistribution; null when no licence is known
    kind VARCHAR,                       -- Reader that took it in
    first_run_id VARCHAR,               -- Run that first brought it
    added_at TIMESTAMPTZ                -- When it first came
)
