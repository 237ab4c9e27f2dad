"""Which masks belong to which image, told by their names.

A mask has the stem of its image and ``_mask`` or ``_seg`` in the same folder (``x_mask.png``, ``x_mask_lesion.png``),
or the stem alone, with or without more after it, in a folder of masks: inside the image's folder, beside it, or in the
place of ``images`` in its path (``images/train/x.png`` and ``masks/train/x.png``). Below a folder of masks, a folder
names a label (``masks/lesion/x.png``). A folder ``images`` with a single image owns all masks beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_WORDS = r"(?:masks?|segs?|segmentations?|labels?|instances?|annotations?)"
_SUFFIX = re.compile(rf"(?P<stem>.+?)[_-]{_WORDS}(?:[_-](?P<label>.+))?", re.IGNORECASE | re.DOTALL)
_FOLDER = re.compile(rf"(?:(?P<label>.+)[_-])?{_WORDS}", re.IGNORECASE | re.DOTALL)
_IMAGES = {"images", "image", "imgs", "img"}
_NO_LABEL = re.compile(r"\d*$")


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask file and the label that its name gives."""

    path: Path
    label: str


@dataclass(slots=True)
class Pairs:
    """The images of a folder with their masks, and the masks in the same folder that no image claims."""

    images: dict[Path, list[Mask]] = field(default_factory=dict)
    orphans: list[Path] = field(default_factory=list)


def is_mask_folder(folder: Path) -> bool:
    """Whether a folder is named for masks."""
    return _FOLDER.fullmatch(folder.name) is not None


def mask_folders(folder: Path, root: Path) -> list[Path]:
    """The folders that may hold the masks of the images in ``folder``, which lies in or is ``root``."""
    inside = [child for child in _children(folder) if is_mask_folder(child)]
    beside = [child for child in _children(folder.parent) if is_mask_folder(child)] if folder != root else []
    places = list(dict.fromkeys([*inside, *beside, *_mirrored(folder, root)]))
    images = {child.name for child in _children(folder)}
    return [*places, *(child for place in places for child in _children(place) if child.name not in images)]


def pair(files: Sequence[Path], masks: Mapping[Path, Sequence[Path]]) -> Pairs:
    """Pair the raster files of one folder with each other and with those of its mask folders."""
    stems = {file.stem for file in files}
    found = Pairs()
    inline: list[tuple[str, Mask]] = []
    for file in files:
        match = _SUFFIX.fullmatch(file.stem)
        if match and (match["stem"] in stems or not _bare(file.stem, stems)):
            inline.append((match["stem"], Mask(file, _label(match["label"]))))
        else:
            found.images[file] = []
    by_stem: dict[str, list[Path]] = {}
    for image in found.images:
        by_stem.setdefault(image.stem, []).append(image)
    for stem, mask in inline:
        _give(found, by_stem.get(stem, []), mask)
    outside = list(_in_folders(masks, by_stem))
    named = any(stem in by_stem for stem, _ in outside)
    alone = [] if named or len(found.images) != 1 else [one for one in found.images if one.parent.name in _IMAGES]
    for stem, mask in outside:
        for image in alone or by_stem.get(stem, []):
            found.images[image].append(mask)
    return found


def _give(found: Pairs, owners: Sequence[Path], mask: Mask) -> None:
    for image in owners:
        found.images[image].append(mask)
    if not owners:
        found.orphans.append(mask.path)


def _in_folders(masks: Mapping[Path, Sequence[Path]], stems: Iterable[str]) -> Iterator[tuple[str, Mask]]:
    known = set(stems)
    for folder, files in masks.items():
        match = _FOLDER.fullmatch(folder.name)
        of_folder = _label(match["label"]) if match else _label(folder.name)
        for file in files:
            stem, label = _owner(file.stem, known)
            yield stem, Mask(file, label if label != "mask" else of_folder)


def _owner(stem: str, known: set[str]) -> tuple[str, str]:
    """The image's stem in a mask's stem, and the label after it."""
    if stem in known:
        return stem, "mask"
    match = _SUFFIX.fullmatch(stem)
    if match and match["stem"] in known:
        return match["stem"], _label(match["label"])
    for cut in (place for place in range(len(stem) - 1, 0, -1) if stem[place] in "_-"):
        if stem[:cut] in known:
            return stem[:cut], _label(stem[cut + 1 :])
    return stem, "mask"


def _label(said: str | None) -> str:
    return "mask" if said is None or _NO_LABEL.fullmatch(said) else said.replace("_", " ")


def _bare(stem: str, stems: set[str]) -> bool:
    """Whether a file that looks like a mask stands alone among files that all do: then it is an image."""
    return all(_SUFFIX.fullmatch(other) for other in stems) and stem in stems


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def _mirrored(folder: Path, root: Path) -> Iterator[Path]:
    """Folders of masks that stand where ``images`` stands in the path below the parent of ``root``."""
    parts = folder.parts
    for place in range(len(root.parts) - 1, len(parts)):
        if parts[place].casefold() in _IMAGES:
            above, below = Path(*parts[:place]), parts[place + 1 :]
            yield from (child.joinpath(*below) for child in _children(above) if is_mask_folder(child))
