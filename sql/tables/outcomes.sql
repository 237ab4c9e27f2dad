-- title: One row an image and generator: what came of the last try, by which it is missing, stale, failed or fresh
-- params: none
-- returns: the table outcomes
-- sorted: image_key ASC
CREATE TABLE outcomes (
    image_key BIGINT NOT NULL,          -- Row key of the image
    profile BIGINT,                     -- Profile of the image
    modality VARCHAR,                   -- Modality of the image
    layer VARCHAR,                      -- Layer that the generator makes: coarse_caption, rois, embeddings, ...
    generator VARCHAR NOT NULL,         -- The generator
    reads VARCHAR,                      -- What it makes rows from: metadata, file_name, pixels, boxes, masks, regions or texts
    fingerprint VARCHAR NOT NULL,       -- Digest of code version, model, prompt and parameters
    input_hash UBIGINT,                 -- Digest of what the rows were made from; see sql/inputs
    status VARCHAR NOT NULL,            -- done or failed
    made INTEGER,                       -- Rows or vectors of it that the image has; 0 when there was nothing to find
    attempt INTEGER,                    -- How often the image was tried with this input and fingerprint
    run_id VARCHAR,                     -- Run of the last try
    created_at TIMESTAMPTZ              -- When it was committed
)
