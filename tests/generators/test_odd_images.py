"""Images that are too small, too large or not there, and a lake that can no longer be written."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import catalog
from catalog.errors import TriptychError
from generators.run import Progress, generate
from tests.generators.conftest import draw, rows, run, work
from tests.generators.making import Bright, Means


def test_an_image_of_one_pixel_and_one_of_400_million(tmp_path: Path) -> None:
    folder = draw(tmp_path / "drawn", count=2)
    Image.fromarray(np.full((1, 1), 200, np.uint8)).save(folder / "dot.png")
    Image.new("1", (20_000, 20_000)).save(tmp_path / "huge.png")
    table = tmp_path / "table.csv"
    table.write_text(f"uri,modality\n{tmp_path / 'huge.png'},CT\n")
    with catalog.init(tmp_path / "lake") as lake:
        lake.ingest(folder, source="odd")
        lake.ingest(table, kind="manifest", source="huge")  # a table's files are not opened on their way in
        report = run(lake, Bright(), workers=1)
        assert (report.tally.done, dict(report.tally.reasons)) == (3, {"size": 1})
        assert "too large to decode" in report.tally.examples["size"]
        boxes = rows(lake, "SELECT x0, y0, x1, y1 FROM rois JOIN images USING (image_id) WHERE file_name = 'dot.png'")
        assert boxes == [(0.0, 0.0, 1.0, 1.0)]
        assert run(lake, Means(), workers=1).tally.done == 3


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_lake_that_becomes_read_only_in_the_middle_keeps_what_was_committed(pictures: catalog.Lake) -> None:
    staging = pictures.layout.staging
    run(pictures, Bright(), limit=4)

    def watch(progress: Progress) -> None:
        if not os.path.ismount(staging):
            frozen = shutil.copytree(staging, staging.with_name("frozen"))
            subprocess.run(["mount", "--bind", str(frozen), str(staging)], check=True)
            subprocess.run(["mount", "-o", "remount,ro,bind", str(staging)], check=True)

    try:
        with pytest.raises(TriptychError, match=r"the lake at '.+' is read-only"):
            generate(work(pictures, Bright()), watch=watch)
    finally:
        subprocess.run(["umount", "--lazy", str(staging)], check=True)
    assert rows(pictures, "SELECT count(*) FROM outcomes") == [(4,)]
    assert run(pictures, Bright()).committed == 8
