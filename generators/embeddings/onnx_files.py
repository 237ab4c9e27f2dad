"""What encoders of ONNX files share: the session, who the file is, and what lies beside it."""

from __future__ import annotations

import json
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from catalog.errors import MissingExtraError, TriptychError
from catalog.imports import whole


def named(path: str) -> Path:
    """The ONNX file at a path.

    Raises:
        TriptychError: There is none.
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise TriptychError(f"no file '{path}'; give the path of an ONNX file, or the id or folder of a model")
    return file


def identity(file: Path, *beside: str) -> str:
    """Name and digest of an ONNX file, its data and what it is used with."""
    total = sha256()
    for path in (file, Path(f"{file}.data"), Path(f"{file}_data"), *(found(file, name) for name in beside)):
        if path is not None and path.is_file():
            with path.open("rb") as stream:
                total.update(file_digest(stream, "sha256").digest())
    return f"{file.stem}@{total.hexdigest()[:16]}"


def found(file: Path, name: str) -> Path | None:
    """A file beside an ONNX file, or in the folder above, where hubs keep it."""
    return next((path for path in (file.parent / name, file.parent.parent / name) if path.is_file()), None)


def said(file: Path, name: str) -> dict[str, Any]:
    """A JSON file that lies beside; nothing where there is none."""
    path = found(file, name)
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path else {}


def session(file: Path) -> Any:
    """A session that runs the file on the CPU.

    Raises:
        TriptychError: It is damaged, or no ONNX file.
        MissingExtraError: onnxruntime is not installed.
    """
    try:
        onnxruntime = whole("onnxruntime")
    except ModuleNotFoundError as error:
        raise MissingExtraError("onnxruntime", extra="onnx") from error
    try:
        return onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has an exception for each of its error codes, without a common one
        why = str(error).splitlines()[0]
        raise TriptychError(f"'{file}' cannot be loaded as an ONNX model: {why}; export or fetch it anew") from error


def output(made: Any, *preferred: str) -> str:
    """The output to take: one of the preferred names, else the first."""
    names = [item.name for item in made.get_outputs()]
    return next((name for name in preferred if name in names), names[0])
