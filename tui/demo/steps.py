"""The demo: from files to a lake, from the lake to training data."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from tui.demo.folder import Folder
from tui.demo.stage import Stage

_MAP = {
    "path": "uri",
    "kind": "modality",
    "shown": "organ",
    "diagnosis": "disease",
    "finding": "label",
    "finding_kind": "kind",
    "report": "caption",
}
"""Column of table.csv -> our field; x, y, w, h, width, height and license are called so already."""
_SHOWN = "ct-abdomen.dcm"


@dataclass(frozen=True, slots=True)
class Demo:
    """One run over one folder."""

    folder: Folder
    stage: Stage

    def run(self) -> None:
        """Every step, in order.

        Raises:
            TriptychError: A step failed.
        """
        started = time.monotonic()
        try:
            for step in (self._gather, self._take_in, self._look, self._fill, self._slice, self._hand_on):
                step()
        finally:
            self.folder.remember()
        self._close(time.monotonic() - started)

    def _triptych(self, *command: str, may_fail: bool = False) -> None:
        """Run a command on the lake of the demo."""
        self.stage.run("--lake", str(self.folder.lake), *command, may_fail=may_fail)

    def _input(self, name: str) -> str:
        return str(self.folder.inputs / name)

    def _out(self, name: str) -> str:
        return str(self.folder.out / name)

    def _gather(self) -> None:
        from tui.demo.gather import gather

        self.stage.heading("Gather real images from installed packages")
        made = gather(self.folder.inputs)
        own = sum(not piece.package for piece in made)
        self.stage.say(
            f"{len(made) - own} files copied from pydicom, pydicom-data, nilearn and scikit-image, {own} made from "
            "them (a SEG, an RTSTRUCT, a label map, instance masks, a table; drawn by threshold, not by a "
            f"radiologist). {self._input('sources.csv')} says what each shows, its origin and its licence."
        )

    def _take_in(self) -> None:
        run, heading = self._triptych, self.stage.heading
        heading("Make a lake")
        run("init")
        heading(
            "Take in DICOM",
            "Ten images with a SEG, an RTSTRUCT and an overlay, which become ROIs. One more SEG is of a CT that is not "
            "here: what cannot be used is kept in failures with its reason, the rest goes on, and the exit code is 1.",
        )
        run("ingest", self._input("dicom"), "--source", "pydicom", "--license", "MIT", may_fail=True)
        words = "Each slice becomes an image, each label in it an ROI; --set says what the file does not."
        heading("Take in a NIfTI volume with its label map", words)
        brain = ("--labels", self._input("brain/t1_labels.nii.gz"), "--source", "mni152")
        run("ingest", self._input("brain/t1.nii.gz"), *brain, "--set", "modality=MRI", "--set", "organ=brain")
        heading("Take in a folder of pictures with instance masks", "One ROI for each nucleus.")
        nuclei = ("--source", "colon-nuclei", "--license", "CC-PDM-1.0")
        run("ingest", self._input("nuclei"), *nuclei, "--set", "modality=Histopathology", "--set", "organ=colon")
        heading("Take in a table", "Any CSV, JSON lines or Parquet: --map says which column is which field.")
        columns = [word for column, name in _MAP.items() for word in ("--map", f"{column}={name}")]
        table = ("--as", "manifest", "--source", "scikit-image")
        run("ingest", self._input("pictures/table.csv"), *table, *columns)
        self._take_in_medtrinity()

    def _take_in_medtrinity(self) -> None:
        import catalog
        from tui.demo.medtrinity import make

        self.stage.heading("Take in MedTrinity, as it is published")
        with catalog.open(self.folder.lake) as lake:
            embedded, listed, lost = make(lake, self.folder.inputs / "medtrinity")
        self.stage.say(
            f"Made from the images above: 25M_demo.parquet ({embedded} rows with their images), 25M_full.parquet "
            f"({listed} rows) and its shard of images. {lost} was left out of the shard on purpose, as published "
            "shards lack files too: its row is kept, a failure says so, and the exit code is 1."
        )
        medtrinity = ("--source", "medtrinity-shaped", "--license", "MIT")
        self._triptych("ingest", self._input("medtrinity"), *medtrinity, may_fail=True)

    def _look(self) -> None:
        run, heading = self._triptych, self.stage.heading
        words = "The modality is null for MedTrinity's rows: as published, they name none."
        heading("See what is there, and what is missing", words)
        run("status")
        run("failures")
        heading("Count by modality, kind of ROI and source")
        run("facets", "--by", "modality,roi_kind,source")
        heading("Ask in SQL", "Recipes ship for what users of such data ask most; triptych recipes lists them.")
        run("sql", "@roi_label_counts")
        run("sql", "SELECT origin, count(*) AS rois FROM rois GROUP BY origin ORDER BY 2 DESC")

    def _fill(self) -> None:
        run, heading = self._triptych, self.stage.heading
        known = ("--where", "modality IS NOT NULL")
        heading(
            "Fill what is missing",
            "A plan first: what is missing, what it needs, how long it takes. Then a sentence of what the catalog "
            "knows of each image, and a ROI for each part of a mask. A second run finds nothing to do.",
        )
        run("generate", "coarse-caption", *known, "--dry-run")
        run("generate", "coarse-caption", *known)
        run("generate", "coarse-caption", *known)
        run("generate", "roi-mask", "--has", "masks")
        run("sql", "SELECT text FROM descriptions WHERE kind = 'coarse' ORDER BY len(text) DESC LIMIT 3")

    def _slice(self) -> None:
        run, heading = self._triptych, self.stage.heading
        heading("Cut a slice", "Flags together mean one ROI that satisfies them all: a kidney-sized organ in a CT.")
        slice_ = ("--modality", "computed tomography", "--roi-kind", "organ", "--roi-area", "0.005:0.05")
        run("count", *slice_)
        run("ls", *slice_)
        run("slices", "save", "small-organs", *slice_)
        run("slices", "list")
        heading("Look at one image with its ROIs")
        run("show", self._image_id(_SHOWN), "--png", self._out("ct-abdomen.png"))

    def _hand_on(self) -> None:
        run, heading = self._triptych, self.stage.heading
        words = "Every image that has a text. The one whose file is missing is left out, and that is said."
        heading("Export conversations for LLaVA", words)
        run("export", "--has", "descriptions", "--to", "llava", "--out", self._out("llava"), may_fail=True)
        self.stage.say(f"One of them: {self._longest_answer()}")
        heading("Export boxes and masks as COCO", "Every image that has ROIs.")
        run("export", "--has", "rois", "--to", "coco", "--out", self._out("coco"))

    def _close(self, seconds: float) -> None:
        lake = self.folder.lake
        self.stage.heading(f"Done, in {seconds:.0f} seconds")
        print(f"picture   {self._out('ct-abdomen.png')}")
        print(f"exports   {self._out('llava')}, {self._out('coco')}")
        print("\ntry next")
        print(f"  triptych --lake {lake} sql                               a prompt; .recipes lists questions")
        print(f'  triptych --lake {lake} ls --disease "diabetic retinopathy"')
        print(f"  triptych --lake {lake} facets --by roi_label --source mni152")
        print("  triptych init && triptych ingest FOLDER                  your own files")

    def _longest_answer(self) -> str:
        lines = (self.folder.out / "llava" / "llava.jsonl").read_text(encoding="utf-8").splitlines()
        return max((json.loads(line)["conversations"][1]["value"] for line in lines), key=len, default="none")

    def _image_id(self, file_name: str) -> str:
        import catalog

        with catalog.open(self.folder.lake) as lake:
            found = lake.sql("SELECT image_id FROM images WHERE file_name = $name LIMIT 1", name=file_name).fetchone()
        if found is None:
            from catalog.errors import InputError

            raise InputError(f"the lake has no image of {file_name}")
        return str(found[0])
