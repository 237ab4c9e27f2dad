"""How fast MedTrinity is read: embedded images with --link and --copy, and metadata joined to a tar by basename.

    python benchmarks/medtrinity_read.py [IMAGES]

The images are distinct JPEG files of about 17 KB. The peer, in the same run, reads the same bytes with pyarrow and
opens each with Pillow.
"""

from __future__ import annotations

import io
import resource
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import skimage.data
from PIL import Image

from catalog.ingest.contract import Options
from catalog.ingest.medtrinity import MedTrinityReader
from catalog.lake.keys import KeyedHash

_GROUP = 500
_CAPTION = "The image is a non-contrast computed tomography scan of the brain. " * 12
_SCHEMA = pa.schema(
    [
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("id", pa.string()),
        ("caption", pa.string()),
    ]
)


def main(images: int) -> None:
    """Make the files, read them, print rows a second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        demo, tar, table = folder / "demo.parquet", folder / "shard.tar", folder / "train-0.parquet"
        _write(demo, tar, table, images)
        for label, work in {
            "embedded, --link": lambda: _read([demo]),
            "embedded, --copy": lambda: _read([demo], copy=True),
            "joined to a tar": lambda: _read([table, tar]),
            "peer: pyarrow and Pillow": lambda: _peer(demo),
        }.items():
            seconds = _timed(work)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{label:26} {images / seconds:10,.0f} rows/s   peak {peak} MB")


def _pictures() -> list[bytes]:
    found = []
    for place in range(20):
        stream = io.BytesIO()
        Image.fromarray(skimage.data.retina()[place * 20 : place * 20 + 400, 300:700]).save(stream, "JPEG", quality=85)
        found.append(stream.getvalue())
    return found


def _write(demo: Path, tar: Path, table: Path, images: int) -> None:
    pictures = _pictures()
    with pq.ParquetWriter(demo, _SCHEMA) as writer, tarfile.open(tar, "w") as archive:
        for start in range(0, images, _GROUP):
            numbers = range(start, min(start + _GROUP, images))
            distinct = [pictures[number % 20] + str(number).encode() for number in numbers]
            structs = pa.array([{"bytes": data, "path": None} for data in distinct], _SCHEMA.field("image").type)
            ids, captions = [f"id{number}" for number in numbers], [f"{_CAPTION}{number}" for number in numbers]
            writer.write_table(pa.table([structs, ids, captions], schema=_SCHEMA))
            for number, data in zip(numbers, distinct, strict=True):
                info = tarfile.TarInfo(f"deep/folder/{number}.jpg")
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    names = {key: [f"{prefix}{number}{suffix}" for number in range(images)] for key, prefix, suffix in _TEXTS}
    pq.write_table(pa.table(names), table)


_TEXTS = [("id", "id", ""), ("file_name", "", ".jpg"), ("caption", _CAPTION, ""), ("source", "ct_rate", "")]


def _read(paths: list[Path], *, copy: bool = False) -> None:
    reader = MedTrinityReader(paths, Options(keys=KeyedHash(b"bench"), copy=copy))
    for unit in reader.units():
        reader.read(unit, None)  # type: ignore[arg-type]


def _peer(demo: Path) -> None:
    for batch in pq.ParquetFile(demo).iter_batches(_GROUP, columns=["image.bytes"]):
        for data in batch.column(0).field("bytes").to_pylist():
            with Image.open(io.BytesIO(data)) as image:
                assert image.size


def _timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60_000)
