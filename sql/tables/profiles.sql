-- title: One row a commit and combination of what slices ask for, with the images it added: sums answer counts and facets without a scan
-- params: none
-- returns: the table profiles
CREATE TABLE profiles (
    profile BIGINT,                     -- Digest of modality, region, organs, diseases and source
    modality VARCHAR,                   -- Imaging modality
    region VARCHAR,                     -- Body region
    organ VARCHAR,                      -- First of organs
    organs VARCHAR[],                   -- Organs and structures shown
    disease VARCHAR,                    -- First of diseases
    diseases VARCHAR[],                 -- Diseases and findings
    source VARCHAR,                     -- Collection the images come from
    subset VARCHAR,                     -- Part of the source as published
    view VARCHAR,                       -- View or projection
    laterality VARCHAR,                 -- Side of a paired body part
    license VARCHAR,                    -- SPDX licence
    redistributable BOOLEAN,            -- Whether that licence allows redistribution
    images BIGINT                       -- Images of this combination that a commit added
)
