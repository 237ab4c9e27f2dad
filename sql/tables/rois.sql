-- title: One row a region of interest, in pixels of its image as a viewer sees it
-- params: none
-- returns: the table rois
-- sorted: image_key ASC
CREATE TABLE rois (
    roi_id VARCHAR NOT NULL,            -- Digest of image, label, box, mask and origin
    image_id VARCHAR NOT NULL,          -- Image the region lies in
    image_key BIGINT,                   -- Row key of the image
    profile BIGINT,                     -- Profile of the image
    label VARCHAR,                      -- What the region shows, as annotated
    kind VARCHAR,                       -- lesion, organ, cell, device or other
    x0 DOUBLE,                          -- Left edge of the box in pixels
    y0 DOUBLE,                          -- Top edge of the box in pixels
    x1 DOUBLE,                          -- Right edge of the box in pixels, outside the region (half-open)
    y1 DOUBLE,                          -- Bottom edge of the box in pixels, outside the region (half-open)
    mask VARCHAR,                       -- COCO compressed RLE counts of a mask of the image's height and width, or null
    area_ratio DOUBLE,                  -- Share of the image covered: by the mask where there is one, else by the box
    box_ratio DOUBLE,                   -- Share of the image covered by the box
    zone_h VARCHAR,                     -- Column of the box centre, in fifths: left, left-center, center, right-center, right
    zone_v VARCHAR,                     -- Row of the box centre, in fifths: upper, upper-middle, middle, lower-middle, lower
    aspect DOUBLE,                      -- Width of the box over its height
    components INTEGER,                 -- Connected parts of the mask (8-connected), null without a mask
    origin VARCHAR,                     -- source_mask, source_box, filename, greenbox, caption, expert_model or human
    score DOUBLE,                       -- Confidence of the generator or the reader, null when none was given
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
