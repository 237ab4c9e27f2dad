"""The flags of ``triptych ingest``: the keywords of ``Lake.ingest``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from catalog.errors import UsageError

Kind = Literal["auto", "dicom", "nifti", "images", "medtrinity", "coco", "manifest"]


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class InputFlags:
    """How an input is taken in."""

    kind: Annotated[Kind, Parameter(name="--as")] = "auto"
    """What the input is; auto looks at it."""
    source: str | None = None
    """Collection it belongs to; by default told from the input."""
    license: str | None = None
    """SPDX licence of the source, such as CC-BY-4.0."""
    copy: bool = False
    """Take the bytes of the images into the lake."""
    link: bool = False
    """Leave the images where they are (the default)."""
    labels: Path | None = None
    """Label map of a NIfTI volume; its labels become ROIs."""
    axis: Literal[0, 1, 2] = 2
    """Axis of a volume that its slices are perpendicular to."""
    columns: Annotated[tuple[str, ...], Parameter(name="--map")] = ()
    """COL=FIELD: input column COL becomes our FIELD."""

    def options(self) -> dict[str, Any]:
        """The keywords of ``Lake.ingest``.

        Raises:
            UsageError: Flags that exclude each other, or a ``--map`` without a column or field.
        """
        if self.copy and self.link:
            raise UsageError("--link and --copy exclude each other; give one")
        names = ("kind", "source", "license", "copy", "labels", "axis")
        return {**{name: getattr(self, name) for name in names}, "columns": _mapped(self.columns)}


Input = Annotated[InputFlags, Parameter(name="*")]
DEFAULT = InputFlags()


def _mapped(said: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in said:
        column, _, meaning = text.partition("=")
        if not (column and meaning):
            raise UsageError(f"--map '{text}' maps nothing; write COL=FIELD, such as --map dx=disease")
        found[column] = meaning
    return found
