"""What lies where in a lake.

::

    lake.json          format number, kind of metadata, where the data is
    secret.key         secret of the keyed hashes; its holder can test guesses of identifiers: never export it
    metadata.sqlite    DuckLake's metadata (or metadata.duckdb)
    data/              DuckLake's Parquet files
    pixels.lance/      image bytes taken in with --copy
    vectors/           embeddings: one Lance dataset a set
    staging/           batches that are finished but not yet published
    commit.lock        held while a commit is made
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from catalog.errors import LakeError, UsageError
from catalog.lake.keys import KeyedHash, new_secret

FORMAT = 4
NUMBER_BITS = 34
"""Lower bits of a row key: the number of the image. Above them lies ``image_cluster(modality, organ, disease)``."""
MetadataKind = Literal["sqlite", "duckdb"]
METADATA_KINDS: tuple[MetadataKind, ...] = ("sqlite", "duckdb")
_CONFIG = "lake.json"


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one lake."""

    root: Path
    metadata_kind: MetadataKind
    format: int

    @property
    def metadata(self) -> Path:
        """DuckLake's metadata file."""
        return self.root / f"metadata.{self.metadata_kind}"

    @property
    def data(self) -> Path:
        """Folder of DuckLake's Parquet files."""
        return self.root / "data"

    @property
    def staging(self) -> Path:
        """Folder of finished, unpublished batches."""
        return self.root / "staging"

    @property
    def blobs(self) -> Path:
        """Lance dataset of copied image bytes."""
        return self.root / "pixels.lance"

    @property
    def vectors(self) -> Path:
        """Folder of the Lance datasets of embeddings."""
        return self.root / "vectors"

    @property
    def lock(self) -> Path:
        """Lock file that serialises commits."""
        return self.root / "commit.lock"

    @property
    def readable_beside_a_writer(self) -> bool:
        """Whether a connection may read while another writes; a DuckDB file is for one at a time."""
        return self.metadata_kind != "duckdb"

    @property
    def ducklake_uri(self) -> str:
        """What ATTACH takes."""
        prefix = "ducklake:sqlite:" if self.metadata_kind == "sqlite" else "ducklake:"
        return f"{prefix}{self.metadata}"

    def keys(self) -> KeyedHash:
        """The lake's keyed hash.

        Raises:
            LakeError: The secret is gone; without it patients of old and new rows cannot be matched.
        """
        try:
            return KeyedHash((self.root / "secret.key").read_bytes())
        except OSError as error:
            raise LakeError(f"cannot read '{self.root / 'secret.key'}': {error.strerror}; restore it") from error

    def save(self) -> None:
        """Write lake.json, whole or not at all."""
        text = json.dumps({"format": self.format, "metadata": self.metadata_kind, "data": "data"}, indent=2)
        temporary = self.root / f".{_CONFIG}.{os.getpid()}"
        temporary.write_text(text + "\n", encoding="utf-8")
        temporary.replace(self.root / _CONFIG)


def locate(path: str | Path) -> Layout:
    """The layout of the lake at ``path``.

    Raises:
        LakeError: There is no lake, or it was made by a newer Triptych.
    """
    root = Path(path).expanduser().resolve()
    try:
        config = json.loads((root / _CONFIG).read_text(encoding="utf-8"))
        found = int(config["format"])
        kind = config["metadata"]
    except FileNotFoundError as error:
        raise LakeError(f"no lake at '{path}'; make one with: triptych init '{path}'") from error
    except OSError as error:
        raise LakeError(f"cannot read '{root / _CONFIG}': {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise LakeError(f"'{root / _CONFIG}' is damaged ({error}); restore it from a copy of the lake") from error
    if found > FORMAT:
        raise LakeError(
            f"the lake at '{path}' has format {found}, this Triptych reads up to {FORMAT}; install a newer Triptych"
        )
    if found < 0:
        raise LakeError(f"'{root / _CONFIG}' is damaged (format {found}); restore it from a copy of the lake")
    if kind not in METADATA_KINDS:
        raise LakeError(f"'{root / _CONFIG}' names the metadata '{kind}'; known are {', '.join(METADATA_KINDS)}")
    return Layout(root, cast("MetadataKind", kind), found)


def prepare(path: str | Path, *, metadata: str = "sqlite") -> Layout:
    """Make the folders and the secret of a new lake; ``save`` then makes it one.

    Raises:
        UsageError: The folder holds a lake or other files, or the kind of metadata is unknown.
    """
    root = Path(path).expanduser().resolve()
    if metadata not in METADATA_KINDS:
        raise UsageError(f"no metadata '{metadata}'; choose {' or '.join(METADATA_KINDS)}")
    if (root / _CONFIG).exists():
        raise UsageError(f"there is a lake at '{path}' already; choose another folder, or use it as it is")
    if root.exists() and not root.is_dir():
        raise UsageError(f"'{path}' is a file; choose a folder")
    strangers = sorted(item.name for item in root.iterdir() if not _is_ours(item.name)) if root.exists() else []
    if strangers:
        raise UsageError(f"'{path}' is not empty (it holds '{strangers[0]}'); choose an empty folder")
    layout = Layout(root, metadata, FORMAT)
    for folder in (root, layout.data, layout.staging):
        folder.mkdir(parents=True, exist_ok=True)
    secret = root / "secret.key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_bytes(new_secret())
    return layout


def _is_ours(name: str) -> bool:
    """Whether an interrupted ``init`` may have left this behind."""
    return name in {"data", "staging", "secret.key", "commit.lock"} or name.startswith(("metadata.", f".{_CONFIG}"))
