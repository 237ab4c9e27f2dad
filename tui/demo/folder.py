"""The folder of a demo: made, or made again, and never at the cost of what somebody else put there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.errors import LakeError, UsageError

_RECORD = "demo.json"
_MADE_BY = "triptych demo"
_OTHER = "name another folder: triptych demo DIR"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the demo puts what."""

    root: Path

    @property
    def inputs(self) -> Path:
        """Files gathered from packages."""
        return self.root / "inputs"

    @property
    def lake(self) -> Path:
        """The lake."""
        return self.root / "lake"

    @property
    def out(self) -> Path:
        """Pictures and exports."""
        return self.root / "out"

    @property
    def record(self) -> Path:
        """Says that a demo was made here, and what was there when it ended."""
        return self.root / _RECORD

    def prepare(self) -> bool:
        """Make the folder empty but for its record; whether an earlier demo had to go.

        Raises:
            UsageError: It holds something else than an untouched demo.
        """
        if self.root.is_file():
            raise UsageError(f"'{self.root}' is a file; {_OTHER}")
        stale = self.record.is_file()
        foreign = self._foreign(self._recorded()) if stale else next(self._entries(), None)
        if foreign is not None:
            raise UsageError(
                f"'{foreign}' was added or changed, and a new demo would delete it; move it away, or {_OTHER}"
            )
        try:
            for folder in (self.lake, self.inputs, self.out):
                if folder.exists():
                    shutil.rmtree(folder)
            self.out.mkdir(parents=True)
            self._write({})
        except OSError as error:
            raise UsageError(f"cannot write '{self.root}': {error.strerror or error}; {_OTHER}") from error
        return stale

    def remember(self) -> None:
        """Record what is there, so that a later demo knows what it may delete."""
        self._write({"snapshot": self._snapshot(), "files": self._files()})

    def _foreign(self, recorded: dict[str, Any]) -> Path | None:
        """Something here that the demo did not make, or that has changed since."""
        ours = {self.lake, self.inputs, self.out, self.record}
        strange = next((path for path in self._entries() if path not in ours), None)
        if strange is not None or "files" not in recorded:
            return strange
        added = [self.root / name for name in sorted({*self._files()} - {*recorded["files"]})]
        if added:
            return added[0]
        return None if self._snapshot() in (recorded.get("snapshot"), None) else self.lake

    def _entries(self) -> Iterator[Path]:
        return iter(sorted(self.root.iterdir())) if self.root.is_dir() else iter(())

    def _files(self) -> list[str]:
        """Files of inputs and out, relative to the root."""
        found = (path for folder in (self.inputs, self.out) for path in folder.rglob("*") if not path.is_dir())
        return sorted(path.relative_to(self.root).as_posix() for path in found)

    def _snapshot(self) -> int | None:
        """The newest snapshot of the lake; None when there is no lake."""
        import catalog

        try:
            with catalog.open(self.lake) as lake:
                return lake.snapshot()
        except LakeError:
            return None

    def _recorded(self) -> dict[str, Any]:
        try:
            recorded = json.loads(self.record.read_text(encoding="utf-8"))
        except ValueError as error:
            raise UsageError(f"'{self.record}' is not the record of a demo; {_OTHER}") from error
        if not isinstance(recorded, dict) or recorded.get("made_by") != _MADE_BY:
            raise UsageError(f"'{self.record}' is not the record of a demo; {_OTHER}")
        return recorded

    def _write(self, recorded: dict[str, Any]) -> None:
        text = json.dumps({"made_by": _MADE_BY, **recorded}, indent=1)
        self.record.write_text(text + "\n", encoding="utf-8")
