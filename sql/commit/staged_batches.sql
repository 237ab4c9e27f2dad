-- title: The batches that are published, in order, and the number of each one's first image in the lake
-- params: none
-- returns: the temporary table staged_batches
CREATE TEMP TABLE staged_batches (
    batch_number INTEGER,
    batch_id VARCHAR,
    name VARCHAR,
    first_number BIGINT,
    images BIGINT,
    outcomes BIGINT,
    rois BIGINT,
    descriptions BIGINT,
    findings BIGINT
)
