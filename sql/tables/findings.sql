-- title: One row a concept said to be present, uncertain or absent in an image
-- params: none
-- returns: the table findings
-- sorted: image_key ASC
CREATE TABLE findings (
    image_id VARCHAR NOT NULL,          -- Image the finding is about
    image_key BIGINT,                   -- Row key of the image
    concept VARCHAR,                    -- The concept in words
    concept_id VARCHAR,                 -- Its code, SCHEME:VALUE
    status VARCHAR,                     -- present, uncertain or negated
    laterality VARCHAR,                 -- Side: L, R or B
    origin VARCHAR,                     -- Where it was said: source_label, report, caption, expert_model or human
    score DOUBLE,                       -- Measured value or confidence, null when none was given
    run_id VARCHAR                      -- Run that wrote the row
)
