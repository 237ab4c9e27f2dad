"""Files that other packages bring along, found without importing them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from catalog.errors import MissingExtraError

DISTRIBUTIONS = {
    "pydicom": "pydicom",
    "data_store": "pydicom-data",
    "nibabel": "nibabel",
    "nilearn": "nilearn",
    "skimage": "scikit-image",
}
"""Import name -> name to install, of what the demo needs."""


def require() -> None:
    """Whether everything the demo needs is installed.

    Raises:
        MissingExtraError: It is not.
    """
    for package in DISTRIBUTIONS:
        root(package)


def root(package: str) -> Path:
    """The folder of an installed package.

    Raises:
        MissingExtraError: It is not installed.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(DISTRIBUTIONS[package], extra="demo")
    return Path(spec.submodule_search_locations[0])
