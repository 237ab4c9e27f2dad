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
    said: Annotated[tuple[str, ...], Parameter(name="--set")] = ()
    """FIELD=VALUE: what the input does not say of its images, such as modality=MRI or organ=brain."""
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
        pairs = {"said": _pairs("--set", self.said), "columns": _pairs("--map", self.columns)}
        return {**{name: getattr(self, name) for name in names}, **pairs}


Input = Annotated[InputFlags, Parameter(name="*")]
DEFAULT = InputFlags()


_SHAPES = {"--set": "FIELD=VALUE, such as --set modality=MRI", "--map": "COL=FIELD, such as --map dx=disease"}


def _pairs(flag: str, said: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in said:
        column, _, meaning = text.partition("=")
        if not (column and meaning):
            raise UsageError(f"{flag} '{text}' is no pair; write {_SHAPES[flag]}")
        found[column] = meaning
    return found
