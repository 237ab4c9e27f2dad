"""Making a lake, and opening one of any age."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

from catalog.errors import LakeError
from catalog.lake import schema
from catalog.lake.commit import locked, signed
from catalog.lake.layout import FORMAT, Layout, locate, prepare


def create(path: str | Path, *, metadata: str = "sqlite") -> Layout:
    """Make an empty lake.

    Killed half-way it is no lake yet, and the next call makes it anew.

    Raises:
        UsageError: The folder is not empty, or the kind of metadata is unknown.
        LakeError: The folder cannot be written.
    """
    try:
        layout = prepare(path, metadata=metadata)
        for leftover in layout.root.glob("metadata.*"):
            leftover.unlink()
        if layout.metadata_kind == "sqlite":
            _use_write_ahead_log(layout.metadata)
    except OSError as error:
        raise LakeError(f"cannot make a lake at '{path}': {error.strerror or error}") from error
    with locked(layout) as connection:
        schema.create(connection)
    layout.save()
    return layout


def find(path: str | Path) -> Layout:
    """The lake at ``path``, migrated if an older Triptych made it.

    Raises:
        LakeError: There is none, it is newer than this Triptych, or it is older and cannot be written.
    """
    layout = locate(path)
    if layout.format == FORMAT:
        return layout
    with locked(layout) as connection:
        found = locate(path).format
        if found < FORMAT:
            with signed(connection, f"migrated to format {FORMAT}"):
                schema.migrate(connection, found=found, wanted=FORMAT)
            replace(layout, format=FORMAT).save()
    return replace(layout, format=FORMAT)


def _use_write_ahead_log(metadata: Path) -> None:
    """Let readers go on while a commit is written (the setting stays in the file)."""
    with sqlite3.connect(metadata) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
