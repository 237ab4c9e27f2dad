"""A DICOM file without its patient: what decoding and display need, under new UIDs, and nothing else.

Attributes are taken by list, so what nobody thought of stays out: names, dates, free text, private groups,
the preamble.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from catalog.errors import InputError
from catalog.ingest.dicom import uids
from catalog.ingest.dicom.quiet import unreadable
from catalog.lake.keys import KeyedHash

_LUT = ("LUTDescriptor", "LUTData")
_PALETTE = tuple(
    f"{part}{colour}PaletteColorLookupTable{what}"
    for colour in ("Red", "Green", "Blue")
    for part, what in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
)
_KEPT = (
    "Modality",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "PixelSpacing",
    "PixelAspectRatio",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "SmallestImagePixelValue",
    "LargestImagePixelValue",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "RescaleIntercept",
    "RescaleSlope",
    "PresentationLUTShape",
    "LossyImageCompression",
    *_PALETTE,
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "FloatPixelData",
    "DoubleFloatPixelData",
    "PixelData",
)
_SEQUENCES = {"ModalityLUTSequence": _LUT, "VOILUTSequence": _LUT}
_MACROS = {
    "PixelValueTransformationSequence": ("RescaleIntercept", "RescaleSlope"),
    "FrameVOILUTSequence": ("WindowCenter", "WindowWidth", "VOILUTFunction"),
    "PixelMeasuresSequence": ("PixelSpacing",),
}
_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")


def strip(path: str, *, keys: KeyedHash) -> bytes:
    """The bytes of the DICOM file at ``path`` without its patient; the same for the same file and lake.

    Transfer syntax and pixel data stay as they are; only a deflated file is written inflated.

    Raises:
        InputError: The file cannot be parsed or written anew.
    """
    from pydicom import dcmread, dcmwrite

    try:
        original = dcmread(path, force=True)
        stripped = _stripped(original, keys)
        buffer = io.BytesIO()
        dcmwrite(buffer, stripped, enforce_file_format=True)
    except unreadable() as error:
        message = f"the file cannot be copied without its patient ({type(error).__name__}); ingest it with --link"
        raise InputError(message, kind="uncopied") from None
    return buffer.getvalue()


def _stripped(original: Any, keys: KeyedHash) -> Any:
    from pydicom.dataset import Dataset, FileMetaDataset

    stripped = Dataset()
    stripped.SOPClassUID = original.get("SOPClassUID") or "1.2.840.10008.5.1.4.1.1.7"  # Secondary Capture
    stripped.SOPInstanceUID = _uid(keys, original.get("SOPInstanceUID"))
    _take(original, stripped, _KEPT)
    for keyword, kept in _SEQUENCES.items():
        _take_items(original, stripped, keyword, kept)
    for keyword in _GROUPS:
        _take_groups(original, stripped, keyword)
    stripped.file_meta = FileMetaDataset()
    stripped.file_meta.TransferSyntaxUID = _transfer_syntax(original)
    stripped.file_meta.MediaStorageSOPClassUID = stripped.SOPClassUID
    stripped.file_meta.MediaStorageSOPInstanceUID = stripped.SOPInstanceUID
    return stripped


def _take(original: Any, stripped: Any, keywords: Iterable[str]) -> None:
    for keyword in keywords:
        if keyword in original:
            stripped[keyword] = original[keyword]


def _take_items(original: Any, stripped: Any, keyword: str, kept: Iterable[str]) -> None:
    from pydicom.dataset import Dataset

    items = [Dataset() for _ in original.get(keyword) or ()]
    for item, of in zip(items, original.get(keyword) or (), strict=True):
        _take(of, item, kept)
    if items:
        setattr(stripped, keyword, items)


def _take_groups(original: Any, stripped: Any, keyword: str) -> None:
    from pydicom.dataset import Dataset

    groups = [Dataset() for _ in original.get(keyword) or ()]
    for group, of in zip(groups, original.get(keyword) or (), strict=True):
        for macro, kept in _MACROS.items():
            _take_items(of, group, macro, kept)
    if groups:
        setattr(stripped, keyword, groups)


def _transfer_syntax(original: Any) -> str:
    named = str(original.file_meta.get("TransferSyntaxUID", ""))
    if named:
        return uids.EXPLICIT_LITTLE if named == uids.DEFLATED else named
    implicit, little = original.original_encoding
    return uids.IMPLICIT_LITTLE if implicit else uids.EXPLICIT_LITTLE if little else uids.EXPLICIT_BIG


def _uid(keys: KeyedHash, original: object) -> str:
    """A UID from a keyed hash (PS3.5 B.2), so that it leads back to nobody."""
    return f"2.25.{int(keys('copy', original), 16)}"
