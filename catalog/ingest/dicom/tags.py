"""The DICOM attributes that the reader asks of a header, as tags."""

from __future__ import annotations

from catalog.ingest.dicom import privacy

CHARACTER_SET = 0x00080005
SOP_CLASS = 0x00080016
SOP_INSTANCE = 0x00080018
MODALITY = 0x00080060
ANATOMIC_REGION = 0x00082218
PATIENT_ID = 0x00100020
ISSUER_OF_PATIENT_ID = 0x00100021
OTHER_PATIENT_IDS_SEQUENCE = 0x00101002
BODY_PART = 0x00180015
IMAGER_PIXEL_SPACING = 0x00181164
VIEW_POSITION = 0x00185101
STUDY = 0x0020000D
SERIES = 0x0020000E
INSTANCE_NUMBER = 0x00200013
PATIENT_ORIENTATION = 0x00200020
POSITION = 0x00200032
ORIENTATION = 0x00200037
FRAME_OF_REFERENCE = 0x00200052
LATERALITY = 0x00200060
IMAGE_LATERALITY = 0x00200062
SAMPLES = 0x00280002
PHOTOMETRIC = 0x00280004
FRAMES = 0x00280008
ROWS = 0x00280010
COLUMNS = 0x00280011
PIXEL_SPACING = 0x00280030
BITS_ALLOCATED = 0x00280100
BITS_STORED = 0x00280101
GRID_FRAME_OFFSETS = 0x3004000C
SHARED_GROUPS = 0x52009229
PER_FRAME_GROUPS = 0x52009230
PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
"""Float, Double Float and plain Pixel Data."""

CONTENT = (
    SAMPLES,
    PHOTOMETRIC,
    FRAMES,
    ROWS,
    COLUMNS,
    PIXEL_SPACING,
    BITS_ALLOCATED,
    BITS_STORED,
    0x00280006,  # Planar Configuration
    0x00280102,  # High Bit
    0x00280103,  # Pixel Representation
    0x00280106,  # Smallest Image Pixel Value
    0x00280107,  # Largest Image Pixel Value
    0x00281050,  # Window Center
    0x00281051,  # Window Width
    0x00281052,  # Rescale Intercept
    0x00281053,  # Rescale Slope
    MODALITY,
    INSTANCE_NUMBER,
    POSITION,
    ORIENTATION,
)
"""Attributes that tell two images of one SOP Instance UID apart without reading their pixels."""

OVERLAY_GROUPS = tuple(range(0x6000, 0x6020, 2))
OVERLAY = (0x0010, 0x0011, 0x0015, 0x0040, 0x0050, 0x0051, 0x0100, 0x0102, 0x3000)
"""Rows, columns, frames, type, origin, first frame, bits allocated, bit position and data of an overlay plane."""

_DESCRIBED = (
    SOP_CLASS,
    ANATOMIC_REGION,
    ISSUER_OF_PATIENT_ID,
    OTHER_PATIENT_IDS_SEQUENCE,
    BODY_PART,
    IMAGER_PIXEL_SPACING,
    VIEW_POSITION,
    PATIENT_ORIENTATION,
    LATERALITY,
    IMAGE_LATERALITY,
    GRID_FRAME_OFFSETS,
    SHARED_GROUPS,
    PER_FRAME_GROUPS,
)
READ = sorted(
    {
        CHARACTER_SET,
        *privacy.TAGS,
        *_DESCRIBED,
        *CONTENT,
        *(group << 16 | element for group in OVERLAY_GROUPS for element in OVERLAY),
    }
)
"""All that is taken out of a header."""
