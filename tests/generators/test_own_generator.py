"""The generator of the docs runs as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import catalog
from catalog.errors import TriptychError
from generators import registry
from tests.generators.conftest import PICTURES, rows

GUIDE = Path(__file__).parents[2] / "docs" / "generators.md"
CLASS = "from generators import Generator\nclass Bright(Generator):\n    pass\n"


def test_the_generator_of_the_docs_is_found_by_its_entry_point_and_runs(pictures: catalog.Lake, tmp_path: Path) -> None:
    (code,) = [text for kind, text in _blocks() if kind == "python"]
    (project,) = [text for kind, text in _blocks() if kind == "toml"]
    assert len(code.splitlines()) <= 30
    installed = _installed(tmp_path, code, project)
    lake = str(pictures.layout.root)
    command = [sys.executable, "-m", "tui", "--lake", lake, "generate", "roi-bright", "--set", "threshold=128"]
    path = os.pathsep.join([str(installed), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, check=False)
    assert (done.returncode, done.stderr.split(" ")[0]) == (0, str(PICTURES))
    made = rows(pictures, "SELECT DISTINCT generator, label, origin FROM rois")
    assert made == [("roi-bright", "bright spot", "expert_model")]
    query = "SELECT count(*) FROM rois JOIN images USING (image_id) WHERE x0 = 5 AND rois.area_ratio > 0"
    assert rows(pictures, query) == rows(pictures, "SELECT count(*) FROM rois")


def _blocks() -> list[tuple[str, str]]:
    """Language and text of the code in the guide."""
    return re.findall(r"```(\w+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def _installed(folder: Path, code: str, project: str) -> Path:
    """What pip makes of a package: its module, and a dist-info that names its entry points."""
    import tomllib

    said = tomllib.loads(project)["project"]
    place = folder / "site"
    info = place / f"{said['name'].replace('-', '_')}-{said['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {said['name']}\nVersion: {said['version']}\n")
    ((group, named),) = said["entry-points"].items()
    (info / "entry_points.txt").write_text(f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in named.items()))
    (place / "bright.py").write_text(code)
    return place


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_module", r"of bright-spots needs no_such_module, which is not installed"),
        ("def (", r"cannot be loaded: SyntaxError: invalid syntax"),
        ("raise SystemExit(3)", r"cannot be loaded: SystemExit: 3"),
        ("Bright = 5", r"is no subclass of generators.Generator"),
        (CLASS.replace("pass", "name = 'roi-bright'"), r"has no layer; give its class one"),
        (
            CLASS.replace("pass", "name, layer = 'roi-bright', 'regions'"),
            r"cannot have the layer 'regions'; it is one of",
        ),
        (CLASS.replace("pass", "name, layer, reads = 'roi-bright', 'rois', 'box'"), r"cannot have the reads 'box'"),
    ],
)
def test_a_package_that_is_not_right_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: str
) -> None:
    (project,) = [text for kind, text in _blocks() if kind == "toml"]
    monkeypatch.syspath_prepend(str(_installed(tmp_path, code, project)))
    monkeypatch.delitem(sys.modules, "bright", raising=False)
    with pytest.raises(TriptychError, match=said):
        registry.find("roi-bright")
