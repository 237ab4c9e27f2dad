"""Hugging Face: Parquet shards that ``datasets.load_dataset(folder)`` opens with decoded images."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from catalog.export.work import Work

if TYPE_CHECKING:
    import pyarrow as pa

SHARD_BYTES = 500_000_000
"""Bytes of images and text after which a shard is full."""
GROUP_BYTES = 32_000_000
"""The same for a row group, which is what a reader must hold in memory."""
_TEXTS = ("id", "caption", "modality", "region", "organ", "disease", "source", "license", "file_name")


class HfWriter:
    """``data/train-00000-of-0000N.parquet``, one row for each image and description.

    Column image is a struct of bytes and path, declared as an Image; with ``link`` the path leads to the original and
    there are no bytes, with ``none`` it is a plain text.
    """

    text: ClassVar[bool] = True
    needs_text: ClassVar[bool] = False
    needs_size: ClassVar[bool] = False
    embeds: ClassVar[bool] = True

    def write(self, work: Work) -> int:
        """Write the shards."""
        schema = _schema(pixels=work.images != "none")
        rows, shards = 0, 0
        groups = _groups(work, schema)
        group = next(groups, None)
        while group is not None or not shards:
            written, group = _shard(work, _unfinished(shards), schema, group, groups)
            rows, shards = rows + written, shards + 1
        for shard in range(shards):
            work.output.rename(_unfinished(shard), f"data/train-{shard:05d}-of-{shards:05d}.parquet")
        return rows


def _unfinished(shard: int) -> str:
    return f"data/train-{shard:05d}.parquet"


def _shard(
    work: Work, name: str, schema: pa.Schema, group: pa.Table | None, groups: Iterator[pa.Table]
) -> tuple[int, pa.Table | None]:
    """Write row groups until a shard is full: the rows written, and the first group that does not fit."""
    import pyarrow.parquet as pq

    rows = 0
    with work.output.file(name) as file, pq.ParquetWriter(file, schema) as writer:
        while group is not None:
            writer.write_table(group, row_group_size=max(group.num_rows, 1))
            rows += group.num_rows
            group = next(groups, None)
            if file.size + (group.nbytes if group is not None else 0) > SHARD_BYTES:
                break
    return rows, group


def _groups(work: Work, schema: pa.Schema) -> Iterator[pa.Table]:
    """Row groups of about GROUP_BYTES."""
    import pyarrow as pa

    held: list[pa.Table] = []
    size = 0
    for batch in (batch for part in work.parts("hf", rows=64) for batch in part):
        held.append(_with_pixels(batch, work, schema))
        size += held[-1].nbytes
        if size >= GROUP_BYTES:
            yield pa.concat_tables(held)
            held, size = [], 0
    if held:
        yield pa.concat_tables(held)


def _with_pixels(batch: pa.RecordBatch, work: Work, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    image = batch.column("image")
    if work.images != "none":
        pairs = zip(image.to_pylist(), batch.column("linked").to_pylist(), strict=True)
        image = pa.array([_pixels(work.output.root, path, linked=linked) for path, linked in pairs], _image_type())
    columns = [image, *(batch.column(name) for name in _TEXTS)]
    return pa.Table.from_arrays(columns, schema=schema)


def _pixels(root: Path, path: str, *, linked: bool) -> dict[str, Any]:
    if linked:
        return {"bytes": None, "path": str((root / path).readlink())}
    return {"bytes": (root / path).read_bytes(), "path": Path(path).name}


def _schema(*, pixels: bool) -> pa.Schema:
    import pyarrow as pa

    kinds = [("image", _image_type() if pixels else pa.string()), *((name, pa.string()) for name in _TEXTS)]
    text = {"dtype": "string", "_type": "Value"}
    features = {"image": {"_type": "Image"} if pixels else text, **dict.fromkeys(_TEXTS, text)}
    return pa.schema(kinds, metadata={"huggingface": json.dumps({"info": {"features": features}})})


def _image_type() -> pa.DataType:
    import pyarrow as pa

    return pa.struct([("bytes", pa.binary()), ("path", pa.string())])


WRITER = HfWriter()
