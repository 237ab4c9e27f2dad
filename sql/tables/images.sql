-- title: One row an image: a file, a frame of a multi-frame file, or a slice of a volume
-- params: none
-- returns: the table images
-- sorted: image_key ASC
CREATE TABLE images (
    image_id VARCHAR NOT NULL,          -- Stable id: the published one, else a digest of source, file name and content (DICOM: a keyed hash of SOPInstanceUID and frame)
    image_key BIGINT,                   -- Row key: images of one modality, organ and disease have neighbouring keys; unique, never reused
    profile BIGINT,                     -- Digest of modality, region, organs, diseases and source; see profiles
    source VARCHAR,                     -- Collection the image comes from, by its canonical name
    source_raw VARCHAR,                 -- Collection as the input spelled it
    file_name VARCHAR,                  -- File name as published, without folders
    subset VARCHAR,                     -- Part of the source as published (train, val, test, fold), never a split of ours
    uri VARCHAR,                        -- Where the pixels are: a path, tar:, parquet: or lance: address; null when no pixels are known
    frame INTEGER,                      -- Frame of a multi-frame file, or index of the slice along axis, from 0; null for a single image
    width INTEGER,                      -- Width in pixels, viewer's frame
    height INTEGER,                     -- Height in pixels, viewer's frame
    channels INTEGER,                   -- Samples a pixel: 1 for grey, 3 for colour
    bit_depth INTEGER,                  -- Bits stored a sample
    sha256 VARCHAR,                     -- SHA-256 of the file's bytes, where the file was read whole
    phash VARCHAR,                      -- Perceptual hash of the pixels, where computed
    modality VARCHAR,                   -- Imaging modality in vocabulary terms (CT, MRI, X-Ray, ...); a term the vocabulary lacks stays as given
    region VARCHAR,                     -- Body region (head and neck, thorax, abdomen, pelvis, other)
    organ VARCHAR,                      -- First of organs
    organs VARCHAR[],                   -- Organs and structures shown
    disease VARCHAR,                    -- First of diseases
    diseases VARCHAR[],                 -- Diseases and findings said of the image
    view VARCHAR,                       -- View or projection as given (PA, AP, LATERAL, AXIAL)
    laterality VARCHAR,                 -- Side of a paired body part: L, R or B
    license VARCHAR,                    -- SPDX licence of the source
    redistributable BOOLEAN,            -- Whether that licence allows redistribution; null when no licence is known
    patient_key VARCHAR,                -- Keyed hash of the patient, never the identifier
    study_key VARCHAR,                  -- Keyed hash of the study
    series_key VARCHAR,                 -- Keyed hash of the series
    slice_index INTEGER,                -- Position of the image in its series or volume, from 0
    axis INTEGER,                       -- Axis of the volume that the slice is perpendicular to: 0, 1 or 2
    frame_of_reference_key VARCHAR,     -- Keyed hash of the frame of reference that position and orientation are given in
    position DOUBLE[],                  -- Centre of the first pixel in mm, patient frame (DICOM Image Position)
    orientation DOUBLE[],               -- Direction cosines of rows, then columns (DICOM Image Orientation)
    pixel_spacing DOUBLE[],             -- Distance between row centres, then column centres, in mm
    box_burned_in BOOLEAN,              -- Whether an annotation rectangle is drawn into the pixels; null when not looked at
    roi_count INTEGER,                  -- Number of rows of rois for this image
    content_hash VARCHAR,               -- Digest of what the input said of this image; a second row with this id and another digest is refused
    extra JSON,                         -- Published columns that have no column of their own, verbatim
    run_id VARCHAR,                     -- Run that wrote the row
    ingested_at TIMESTAMPTZ             -- When the row was written
)
