"""Connections to a lake: DuckDB with the extensions of the installed wheels, the lake attached as ``lake``.

A reader is attached read-only and shut in: it reaches the lake's own files and nothing else, and its settings are
locked. A writer may do anything and is only opened under the commit lock.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import duckdb

from catalog.errors import LakeBusyError, LakeError, UsageError
from catalog.lake.layout import Layout
from catalog.sqlfiles import identifier, literal

ALIAS = "lake"
DEFAULT_MEMORY = "4GB"
_NUMBERS = count()
"""Of the databases of this process: files that one spills have the names of those of another."""
_ROOMY = 1_000_000_000
"""Bytes; with less, what was read of files is not kept: the file system keeps it, too."""


def open_reader(
    layout: Layout, *, at: int | None = None, memory_limit: str = DEFAULT_MEMORY, folders: Sequence[Path] = ()
) -> duckdb.DuckDBPyConnection:
    """A connection that reads the lake and cannot leave it.

    Args:
        layout: The lake.
        at: Snapshot to show; the newest one when None.
        memory_limit: Memory DuckDB may use, such as "4GB"; beyond it queries spill to a temporary folder.
        folders: Others that it may read and write files in.

    Raises:
        LakeError: The lake cannot be attached.
        UsageError: There is no such snapshot, or the memory limit is no size.
    """
    connection = _connect(memory_limit)
    try:
        metadata = _attach_for_reading(connection, layout, at)
        _shut_in(connection, metadata, [layout.data, *folders])
    except BaseException:
        connection.close()
        raise
    return connection


def another(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A second connection to the same lake, for another thread; the caller closes it.

    Raises:
        LakeError: The snapshot that the connection shows was expired.
    """
    made = connection.cursor()
    try:
        made.execute(f"USE {identifier(ALIAS)}")
    except duckdb.InvalidInputException as error:
        made.close()
        raise LakeError(f"this snapshot is gone ({_first_line(error)}); look at a newer one") from error
    return made


@contextmanager
def writer(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that may write; the caller holds the commit lock.

    Raises:
        LakeError: The lake cannot be attached for writing.
    """
    connection = _connect(DEFAULT_MEMORY)
    try:
        _attach(connection, layout, layout.ducklake_uri, ())
        _remember_place(connection, layout)
        yield connection
    finally:
        connection.close()


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension from its installed wheel; no network is touched.

    Raises:
        LakeError: The wheel is not installed, or was made for another DuckDB.
    """
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        wheel = f"duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}"
        raise LakeError(f"the DuckDB extension {name} is not installed; run: pip install {wheel}")
    file = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not file.is_file():
        raise LakeError(
            f"the installed {name} extension is not for DuckDB {duckdb.__version__}; install the same version"
        )
    connection.execute(f"LOAD {literal(str(file))}")


def _connect(memory_limit: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            # Extensions come from pinned wheels, trusted as DuckDB's own is; checking their signatures again takes
            # 80 ms each at every start. SQL of users cannot load any.
            "allow_unsigned_extensions": "true",
            "python_enable_replacements": "false",
        }
    )
    connection.execute("SET enable_progress_bar = false")  # progress is told by who asked
    try:
        connection.execute(f"SET memory_limit = {literal(memory_limit)}")
    except duckdb.Error as error:
        connection.close()
        raise UsageError(f"'{memory_limit}' is no amount of memory; write something like 2GB") from error
    small = f"SELECT parse_formatted_bytes({literal(memory_limit)}) < {_ROOMY}"  # bound values would import NumPy
    if connection.execute(small).fetchone() == (True,):
        connection.execute("SET enable_external_file_cache = false")  # it would fill all there is
    return connection


def _attach_for_reading(connection: duckdb.DuckDBPyConnection, layout: Layout, at: int | None) -> Path:
    """Attach read-only and say which metadata file was used."""
    if not layout.metadata.exists():
        raise LakeError(f"'{layout.metadata}' is missing; restore it from a copy of the lake")
    if at is not None and not 0 <= at < 2**62:
        raise _no_snapshot(at)
    options = ["READ_ONLY", *([f"SNAPSHOT_VERSION {int(at)}"] if at is not None else [])]
    try:
        _attach(connection, layout, layout.ducklake_uri, options)
    except LakeError as error:
        if at is not None and "snapshot" in str(error).casefold():
            raise _no_snapshot(at) from error
        if layout.metadata_kind != "sqlite" or "unable to open database file" not in str(error):
            raise
        return _attach_copy(connection, layout, options)
    if at is not None:
        _require_tables(connection, at)
    return layout.metadata


def _require_tables(connection: duckdb.DuckDBPyConnection, at: int) -> None:
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if "images" not in tables:
        raise UsageError(f"snapshot {at} is older than the lake's tables; triptych snapshots lists the later ones")
    if not {"profiles", "roi_index"} <= tables:
        since = "triptych snapshots lists those since 'migrated'"
        raise UsageError(f"snapshot {at} is of an older Triptych's format; {since}")


def _no_snapshot(at: int) -> UsageError:
    return UsageError(f"no snapshot {at} in the lake; triptych snapshots lists them")


def _attach_copy(connection: duckdb.DuckDBPyConnection, layout: Layout, options: list[str]) -> Path:
    """Attach a copy of the metadata: where SQLite in WAL mode may not write it cannot read, and nobody else writes."""
    folder = Path(tempfile.mkdtemp(prefix="triptych-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    copy = folder / layout.metadata.name
    for suffix in ("", "-wal"):
        original = layout.metadata.with_name(layout.metadata.name + suffix)
        if original.exists():
            shutil.copyfile(original, copy.with_name(copy.name + suffix))
    _attach(connection, layout, f"ducklake:sqlite:{copy}", options)
    return copy


def _attach(
    connection: duckdb.DuckDBPyConnection, layout: Layout, uri: str, options: list[str] | tuple[str, ...]
) -> None:
    load_extension(connection, "ducklake")
    if layout.metadata_kind == "sqlite":
        load_extension(connection, "sqlite_scanner")
    settings = ", ".join([f"DATA_PATH {literal(f'{layout.data}/')}", "OVERRIDE_DATA_PATH true", *options])
    try:
        connection.execute(f"ATTACH {literal(uri)} AS {identifier(ALIAS)} ({settings})")
    except duckdb.Error as error:
        if "lock on file" in str(error):
            raise LakeBusyError(
                f"another process is using '{layout.metadata}'; wait for it, or make lakes with --metadata sqlite"
            ) from error
        raise LakeError(f"cannot open the lake at '{layout.root}': {_first_line(error)}") from error
    connection.execute(f"USE {identifier(ALIAS)}")


def _remember_place(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """After a move, tell the metadata where the files are now: a plain DuckDB that attaches it goes by that."""
    place = [f"{layout.data}/"]
    table = f"__ducklake_metadata_{ALIAS}.ducklake_metadata"
    query = f"SELECT 1 FROM {table} WHERE key = 'data_path' AND value <> ?"
    if connection.execute(query, place).fetchone():
        connection.execute(f"UPDATE {table} SET value = ? WHERE key = 'data_path'", place)


def _shut_in(connection: duckdb.DuckDBPyConnection, metadata: Path, folders: Sequence[Path]) -> None:
    files = ", ".join(literal(f"{metadata}{suffix}") for suffix in ("", "-wal", "-shm", ".wal"))
    spill = Path(tempfile.gettempdir()) / f"triptych-spill-{os.getuid()}-{os.getpid()}-{next(_NUMBERS)}"
    for setting in (
        f"allowed_directories = [{', '.join(literal(f'{folder}/') for folder in folders)}]",
        f"allowed_paths = [{files}]",
        f"temp_directory = {literal(str(spill))}",
        "parquet_metadata_cache = true",  # data files never change; parsing 24 footers again takes 25 ms
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
