"""The generator of the docs runs as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import catalog
from tests.generators.conftest import PICTURES, rows

GUIDE = Path(__file__).parents[2] / "docs" / "generators.md"


def test_the_generator_of_the_docs_is_found_by_its_entry_point_and_runs(pictures: catalog.Lake, tmp_path: Path) -> None:
    blocks = re.findall(r"```(\w+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (code,) = [text for kind, text in blocks if kind == "python"]
    (project,) = [text for kind, text in blocks if kind == "toml"]
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
