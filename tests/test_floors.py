"""Imports point down and stay light."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {
    "datasets",
    "duckdb",
    "lance",
    "lancedb",
    "monai",
    "nibabel",
    "numpy",
    "pandas",
    "PIL",
    "polars",
    "prompt_toolkit",
    "pyarrow",
    "pycocotools",
    "pydicom",
    "ray",
    "scipy",
    "skimage",
    "textual",
    "torch",
    "transformers",
}


def modules_after(code: str) -> set[str]:
    """Top-level modules that a fresh interpreter has loaded after ``code``."""
    script = f"import json, sys\n{code}\nprint(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_catalog_loads_no_heavy_module_and_not_rich() -> None:
    assert not modules_after("import catalog") & (HEAVY | {"rich"})


def test_help_loads_no_heavy_module() -> None:
    code = "import contextlib\nfrom tui.main import main\nwith contextlib.suppress(SystemExit):\n    main(['--help'])"
    assert not modules_after(code) & HEAVY


@pytest.mark.parametrize("folder", ["catalog", "tui"])
def test_no_file_holds_two_ideas(folder: str) -> None:
    long = [path for path in (ROOT / folder).rglob("*.py") if len(path.read_text().splitlines()) > 400]
    assert long == []


def test_the_version_is_the_same_everywhere() -> None:
    from importlib.metadata import version

    assert f"## {version('triptych')}" in (ROOT / "CHANGELOG.md").read_text()
