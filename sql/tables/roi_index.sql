-- title: One row a region of interest, ordered by zone, modality and area: where slices by zone or area look first
-- params: none
-- returns: the table roi_index
-- sorted: place ASC
CREATE TABLE roi_index (
    place INTEGER NOT NULL,             -- roi_place of the region
    image_key BIGINT NOT NULL,          -- Row key of the image
    profile BIGINT NOT NULL,            -- Profile of the image
    modality VARCHAR,                   -- Modality of the image
    source VARCHAR,                     -- Source of the image
    label VARCHAR,                      -- What the region shows, as annotated
    kind VARCHAR,                       -- lesion, organ, cell, device or other
    area_ratio DOUBLE,                  -- Share of the image covered: by the mask where there is one, else by the box
    zone_h VARCHAR,                     -- Column of the box centre, in fifths: left, left-center, center, right-center, right
    zone_v VARCHAR                      -- Row of the box centre, in fifths: upper, upper-middle, middle, lower-middle, lower
)
