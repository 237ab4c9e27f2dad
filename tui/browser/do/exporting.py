"""What an export is asked for, and how much of a slice may leave the lake."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog.errors import UsageError
from tui.browser.said import flags

if TYPE_CHECKING:
    from catalog.api import Lake


@dataclass(frozen=True, slots=True)
class Wanted:
    """One export."""

    to: str
    out: str
    """The folder, as it was typed."""
    images: str = "copy"
    include_restricted: bool = False
    overwrite: bool = False

    @property
    def folder(self) -> Path:
        """The folder, wherever the job runs."""
        return Path(self.out).expanduser().absolute()

    def check(self) -> None:
        """Refuse a folder that is in the way, before anything is begun.

        Raises:
            UsageError: There is none, or it holds something that may not be replaced.
        """
        from catalog.export.folder import MANIFEST, require_free

        if not self.out.strip():
            raise UsageError("the export needs a folder, such as ~/train")
        is_export = (self.folder / MANIFEST).is_file()
        if is_export and not self.overwrite:
            raise UsageError(f"'{self.folder}' holds an export; name another folder, or choose to replace it")
        require_free(self.folder, overwrite=self.overwrite)

    def words(self, said: Mapping[str, Any]) -> list[str]:
        """The command line that exports a slice."""
        chosen = {"--include-restricted": self.include_restricted, "--overwrite": self.overwrite}
        how = [f"--to={self.to}", f"--out={self.folder}", f"--images={self.images}"]
        return ["export", *shlex.split(flags(said)), *how, *(flag for flag, is_so in chosen.items() if is_so)]


@dataclass(frozen=True, slots=True)
class Allowed:
    """How many images a slice holds, and how many their licences keep in the lake."""

    images: int
    restricted: int

    def told(self, wanted: Wanted) -> str:
        """What that means for an export."""
        said = f"{self.images:,} image{'' if self.images == 1 else 's'} in the slice"
        if not self.restricted:
            return said
        if wanted.include_restricted:
            return f"{said}, {self.restricted:,} of them under licences that forbid redistribution"
        leaves = wanted.images != "none" or wanted.to not in _WITHOUT_TEXT
        kept = "stay out" if leaves else "go along, without their texts"
        return f"{said}; {self.restricted:,} {kept}: their licences forbid redistribution"


_WITHOUT_TEXT = ("coco",)
"""Formats whose main files hold no text of the sources."""


def allowed(lake: Lake, said: Mapping[str, Any]) -> Allowed:
    """Count a slice, and what of it may not be redistributed."""
    counts = lake.slice(**said).facets("redistributable")["redistributable"].to_pylist()
    return Allowed(
        images=sum(row["count"] for row in counts),
        restricted=sum(row["count"] for row in counts if row["value"] is False),
    )
