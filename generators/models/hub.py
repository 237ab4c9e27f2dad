"""Where a model is: a folder, or a snapshot of a Hugging Face repository in the local cache.

What is in the cache is taken as it is, so that a run makes the same rows tomorrow; what is not is fetched, after a look
at what the repository holds. Nothing here loads a model, runs code of a repository, or reads a pickle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from catalog.errors import MissingExtraError, TriptychError

SAFETENSORS = ("*.safetensors",)
"""Names of the only weights that torch models are loaded from."""
SMALL = ("*.json", "*.txt", "*.model", "*.jinja", "*.yaml", "*.yml")
"""Names of what goes with weights: configurations and tokenizers."""
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".msgpack", ".h5")
_SECONDS = 5.0
"""Time after which the hub is said to be out of reach."""


@dataclass(frozen=True)
class Located:
    """A model that is at hand."""

    model: str
    """Its id on the hub, or the name of its folder."""
    folder: Path
    """What the files of the model lie in."""
    commit: str | None
    """Of the snapshot; None for a folder of one's own."""

    @property
    def revision(self) -> str:
        """The commit, or the digest of a folder's files, which are read for it."""
        return self.commit or digest_of(self.folder)

    @property
    def said(self) -> str:
        """Model and revision, as rows name them."""
        return f"{self.model}@{self.revision}"


def locate(
    model: str, *, revision: str | None = None, weights: Sequence[str] = SAFETENSORS, also: Sequence[str] = ()
) -> Located:
    """Where a model is, after it was fetched if it is not at hand.

    Args:
        model: A folder, or the id of a repository on the hub.
        revision: Branch, tag or commit on the hub; what the cache holds as main, else the hub's main, when None.
        weights: Names of weights, of which one is needed; without any, weights are neither fetched nor looked for.
        also: Names of further files to fetch.

    Raises:
        TriptychError: There is no such model or revision, it cannot be fetched, or it has weights of other kinds alone.
        MissingExtraError: The hub is needed, and its package is not installed.
    """
    folder = Path(model).expanduser()
    if folder.is_dir():
        return Located(folder.resolve().name, folder, None)
    if folder.exists():
        raise TriptychError(f"the model '{model}' is a file; give the folder that it lies in with its config.json")
    if _is_path(model):
        raise TriptychError(f"no folder '{model}'; give a folder that holds a model, or the id of one on the hub")
    found = _cached(model, revision, [*SMALL, *weights, *also])
    if found is None or not _holds(found, weights):
        found = _fetched(model, revision, weights, also, found)
    return Located(model, found, found.name)


def require_safetensors(folder: Path, *, model: str | None = None) -> list[Path]:
    """The safetensors files of a folder.

    Raises:
        TriptychError: It has none; a pickle is told, as it can run code when it is loaded.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        name = model or folder.name
        raise _refused(name, [path.name for path in folder.iterdir()], SAFETENSORS)
    return files


def digest_of(folder: Path, *, suffixes: Sequence[str] = (".json", ".safetensors", ".txt", ".model", ".onnx")) -> str:
    """Sixteen hex digits that stand for the files of a folder; read as a stream."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file())
    total = sha256()
    for path in files:
        total.update(path.relative_to(folder).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            total.update(file_digest(file, "sha256").digest())
    return total.hexdigest()[:16]


def _is_path(model: str) -> bool:
    return model.startswith(("/", ".", "~")) or model.count("/") > 1


def _holds(folder: Path, weights: Sequence[str]) -> bool:
    return not weights or any(next(folder.glob(name), None) is not None for name in weights)


def _cached(model: str, revision: str | None, wanted: Sequence[str]) -> Path | None:
    """The snapshot in the cache, unless it is known to lack files."""
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError
    except ModuleNotFoundError as error:
        raise MissingExtraError("huggingface_hub", extra="torch") from error
    try:
        return Path(snapshot_download(model, revision=revision, allow_patterns=list(wanted), local_files_only=True))
    except LocalEntryNotFoundError:
        return None
    except HFValidationError as error:
        raise TriptychError(f"no model '{model}': neither a folder nor an id such as 'owner/name'") from error


def _fetched(
    model: str, revision: str | None, weights: Sequence[str], also: Sequence[str], cached: Path | None
) -> Path:
    """The snapshot from the hub; without a hub, a snapshot of the cache is refused for what it lacks."""
    at = revision or _remembered(model)
    try:
        names = _listed(model, at)
        if _suit(names, weights):
            return _download(model, at, [*SMALL, *weights, *also])
    except Exception as error:  # what the hub's client raises has no common base
        if cached is None:
            raise _unreachable(model, revision, error) from error
        names = [path.name for path in cached.iterdir()]
    raise _refused(model, names, weights)


def _listed(model: str, revision: str | None) -> list[str]:
    """The files of a repository on the hub."""
    from huggingface_hub import HfApi

    info = HfApi().model_info(model, revision=revision, timeout=_SECONDS)
    return [file.rfilename for file in info.siblings or []]


def _suit(names: Sequence[str], weights: Sequence[str]) -> bool:
    return not weights or any(fnmatch(name, pattern) for name in names for pattern in weights)


def _download(model: str, revision: str | None, wanted: list[str]) -> Path:
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(model, revision=revision, allow_patterns=wanted, etag_timeout=_SECONDS))


def _remembered(model: str) -> str | None:
    """The commit that main is in the cache."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    name = repo_folder_name(repo_id=model, repo_type="model")
    main = Path(constants.HF_HUB_CACHE, name, "refs", "main")
    return main.read_text().strip() if main.is_file() else None


def _refused(model: str, names: Sequence[str], weights: Sequence[str]) -> TriptychError:
    pickles = sorted(name for name in names if name.endswith(_PICKLES))
    wanted = " or ".join(weights)
    if pickles:
        return TriptychError(
            f"the model '{model}' has its weights in '{pickles[0]}', which can run code when it is loaded, and none in "
            f"{wanted}; convert them, or take a revision that has them"
        )
    return TriptychError(f"the model '{model}' has no weights ({wanted}); take one that has, or fetch it anew")


def _unreachable(model: str, revision: str | None, error: Exception) -> TriptychError:
    """Why the hub gave nothing, in one line."""
    from huggingface_hub import constants, errors

    if isinstance(error, errors.GatedRepoError):
        return TriptychError(f"the model '{model}' is gated; accept its terms on the hub, and run: hf auth login")
    if isinstance(error, errors.RepositoryNotFoundError):
        return TriptychError(
            f"no model '{model}', neither as a folder nor on {constants.ENDPOINT}; check the id (a private one needs: "
            "hf auth login)"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return TriptychError(f"the model '{model}' has no revision '{revision}'; leave it out, or name one that it has")
    return TriptychError(
        f"the model '{model}' is no folder, not in the cache of the hub, and cannot be fetched from "
        f"{constants.ENDPOINT} ({_why(error)}); fetch it where there is a network with: hf download {model}"
    )


def _why(error: Any) -> str:
    if type(error).__name__ == "OfflineModeIsEnabled":
        return "HF_HUB_OFFLINE is set"
    return type(error).__name__
