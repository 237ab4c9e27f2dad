-- title: One row a text about an image and some of its regions
-- params: none
-- returns: the table descriptions
-- sorted: image_key ASC
CREATE TABLE descriptions (
    description_id VARCHAR NOT NULL,    -- Digest of image, kind, generator and text
    image_id VARCHAR NOT NULL,          -- Image the text is about
    image_key BIGINT,                   -- Row key of the image
    profile BIGINT,                     -- Profile of the image
    roi_ids VARCHAR[],                  -- Regions the text names; empty when it speaks of the image as a whole
    kind VARCHAR,                       -- published (verbatim, the only copy), coarse, generated or report
    text VARCHAR,                       -- The text
    modality_text VARCHAR,              -- The sentence on modality
    structure_text VARCHAR,             -- The sentences on structures detected
    roi_text VARCHAR,                   -- The sentences on the region of interest
    texture_text VARCHAR,               -- The sentences on lesion texture
    relation_text VARCHAR,              -- The sentences on how the region relates to the rest
    knowledge_ids VARCHAR[],            -- Knowledge passages the text was given
    score DOUBLE,                       -- Quality score, null when none was given
    gate VARCHAR,                       -- Verdict of the fact gate: passed, flagged or rejected; null for published text
    gate_reasons VARCHAR[],             -- Why the gate flagged or rejected it
    modality VARCHAR,                   -- Modality of the image
    source VARCHAR,                     -- Source of the image
    organ VARCHAR,                      -- First organ of the image
    disease VARCHAR,                    -- First disease of the image
    generator VARCHAR,                  -- What made the row: ingest:KIND or a generator's name
    model VARCHAR,                      -- Model and revision, null for published values
    fingerprint VARCHAR,                -- Digest of code version, model, prompt and parameters
    input_hash VARCHAR,                 -- Digest of what the row was made from
    run_id VARCHAR,                     -- Run that wrote the row
    status VARCHAR,                     -- fresh, stale or failed
    created_at TIMESTAMPTZ              -- When the row was written
)
