"""A ``25M_demo`` Parquet file with an embedded JPEG a row, taken in with ``--link``.

The floor is pyarrow reading the same bytes and Pillow opening each, in one process: what it costs to learn the sizes.
"""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import skimage.data
from PIL import Image

from benchmarks.measure import Cost, Row, best, python, triptych

_IMAGES = 161_500  # about as many as 25M_demo has
_GROUP = 500
_CAPTION = "The image is a non-contrast computed tomography scan of the brain. " * 12
_SCHEMA = pa.schema(
    [
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("id", pa.string()),
        ("caption", pa.string()),
    ]
)
_FLOOR = """
import io, sys
import pyarrow.parquet as pq
from PIL import Image
for batch in pq.ParquetFile(sys.argv[1]).iter_batches(500):
    for data in batch.column(0).field("bytes").to_pylist():
        with Image.open(io.BytesIO(data)) as image:
            image.size
"""


def measure(rows: int, folder: Path) -> list[Row]:
    """``rows`` does not matter: the images are as many at every size."""
    del rows
    file = folder / "demo.parquet"
    _write(file)
    floor = best(lambda _: python(_FLOOR, str(file)))
    ours = best(lambda number: _ingest(file, folder / f"lake-{number}"))
    return [
        Row(
            workload="MedTrinity Parquet, embedded images of 17 KB, --link",
            amount=_IMAGES,
            unit="rows",
            ours=ours,
            floor="pyarrow and Pillow, one process",
            floor_seconds=floor.seconds,
            goal="20,000 rows/s",
            met=_IMAGES / ours.seconds >= 20_000,
        )
    ]


def _ingest(file: Path, lake: Path) -> Cost:
    triptych("init", str(lake))
    return triptych("--lake", str(lake), "ingest", str(file), "--as", "medtrinity", "--link")


def _write(file: Path) -> None:
    pictures = [_picture(place) for place in range(20)]
    with pq.ParquetWriter(file, _SCHEMA) as writer:
        for start in range(0, _IMAGES, _GROUP):
            numbers = range(start, start + _GROUP)
            distinct = [{"bytes": pictures[number % 20] + str(number).encode(), "path": None} for number in numbers]
            ids, captions = [f"id{number}" for number in numbers], [f"{_CAPTION}{number}" for number in numbers]
            images = pa.array(distinct, _SCHEMA.field("image").type)
            writer.write_table(pa.table([images, ids, captions], schema=_SCHEMA))


def _picture(place: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(skimage.data.retina()[place * 20 : place * 20 + 400, 300:700]).save(stream, "JPEG", quality=85)
    return stream.getvalue()
