"""A small set in the shape in which MedTrinity is published, made of the images that the lake holds.

``25M_demo``: a Parquet file with the images in it. ``25M_full``: a Parquet file of names and captions, its images in a
``.tar.zst`` shard, where one is left out, as happens in the published shards. Captions are worded as the published ones
are, and say only what the lake knows: modality, body part, disease, and the boxes of the regions.
"""

from __future__ import annotations

import io
import tarfile
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

if TYPE_CHECKING:
    from catalog.api import Lake

_SPOKEN_OF = ("organ", "lesion", "cell")
_FEW = 3
Row = dict[str, Any]


def make(lake: Lake, folder: Path) -> tuple[int, int, str]:
    """Write both sets; the rows of ``25M_demo``, of ``25M_full``, and the file that the shard lacks."""
    rows = [_row(lake, image) for image in _images(lake)]
    embedded = [row for row in rows if row["regions"]]
    listed = [row for row in rows if not row["regions"]]
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(_embedded(embedded), folder / "25M_demo.parquet")
    names = ("file_name", "id", "caption", "source")
    pq.write_table(
        pa.Table.from_pylist([{name: row[name] for name in names} for row in listed]), folder / "25M_full.parquet"
    )
    *kept, lost = listed
    _write_shard(kept, folder / "dataset_shard_1.tar.zst")
    return len(embedded), len(listed), str(lost["file_name"])


def caption(image: Mapping[str, Any], regions: list[Mapping[str, Any]]) -> str:
    """What is known of an image, in the words of the published captions.

    >>> caption({"modality": "CT", "organ": None, "region": "abdomen", "disease": None}, [])
    'The image is a CT image of the abdomen.'
    """
    modality, shown = str(image["modality"]), image["organ"] or image["region"]
    article = "an" if modality[0] in "AEIOUX" or (modality[0] == "M" and modality.isupper()) else "a"
    first = f"The image is {article} {modality} image" + (f" of the {shown}" if shown else "")
    first += f" and shows {image['disease']}." if image["disease"] else "."
    return " ".join([first, *map(_located, regions[:_FEW])])


def _located(roi: Mapping[str, Any]) -> str:
    return (
        f"A region of interest, {str(roi['label']).lower()}, is located at {roi['zone_h']} part of the image "
        f"horizontally and {roi['zone_v']} part of image vertically, "
        f"occupying approximately {100 * roi['area_ratio']:.1f}% of the total area."
    )


def _images(lake: Lake) -> Iterator[Row]:
    """The images whose modality is known, the first frame of each file."""
    seen = set()
    rows = lake.slice(has=("pixels",), where=("modality IS NOT NULL",)).to_arrow().to_pylist()
    for image in sorted(rows, key=lambda row: (row["file_name"], row["frame"] or 0)):
        if image["file_name"] not in seen:
            seen.add(image["file_name"])
            yield image


def _row(lake: Lake, image: Row) -> Row:
    from catalog.pixels.view import png_bytes, view

    stem = Path(image["file_name"]).stem
    rois = [roi for roi in lake.image(image["image_id"])["rois"] if roi["kind"] in _SPOKEN_OF and roi["zone_h"]]
    regions = sorted(rois, key=lambda roi: (-roi["area_ratio"], roi["x0"]))
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"triptych-demo/{stem}")),
        "file_name": f"{stem}.png",
        "caption": caption(image, regions),
        "source": image["source"],
        "png": png_bytes(view(lake.pixels(), image)),
        "regions": regions,
    }


def _embedded(rows: list[Row]) -> pa.Table:
    schema = pa.schema(
        [
            ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
            ("id", pa.string()),
            ("caption", pa.string()),
        ]
    )
    given = [{**row, "image": {"bytes": row["png"], "path": row["file_name"]}} for row in rows]
    return pa.Table.from_pylist([{name: row[name] for name in schema.names} for row in given], schema=schema)


def _write_shard(rows: list[Row], file: Path) -> None:
    with (
        file.open("wb") as raw,
        zstandard.ZstdCompressor().stream_writer(raw) as packed,
        tarfile.open(fileobj=packed, mode="w|") as shard,
    ):
        for row in rows:
            member = tarfile.TarInfo(f"dataset_shard_1/{row['source']}/{row['file_name']}")
            member.size = len(row["png"])
            shard.addfile(member, io.BytesIO(row["png"]))
