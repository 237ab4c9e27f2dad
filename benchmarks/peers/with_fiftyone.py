"""FiftyOne: a sample an image, its regions as detections, in the MongoDB that its wheel supplies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bson
import fiftyone as fo
import pyarrow as pa
import pyarrow.parquet as pq
from fiftyone import ViewField

from benchmarks.peers.contract import Files, Said, of_images, of_regions

_NAME = "lake"
_BATCH = 20_000
_LEFT_OUT = ("image_key", "profile", "ingested_at", "extra", "frame")
_INDEXES = ("image_id", "modality", "organs", "diseases", "source", "rois.detections.zone_v", "rois.detections.zone_h")


class FiftyOne:
    """Views and aggregations of its Python API.

    Samples are added by that API only once: its ``add_samples`` takes 1,000 a second, so the documents that it makes
    are copied with the values of every other image and inserted into its collection directly.
    """

    def __init__(self, folder: Path) -> None:
        del folder

    def build(self, files: Files) -> None:
        """A dataset with indexes on what is filtered by."""
        if _NAME in fo.list_datasets():
            fo.delete_dataset(_NAME)
        dataset = fo.Dataset(_NAME, persistent=True)
        _declare(dataset, pq.read_schema(files["images"][0]))
        regions = _regions_by_image(files["rois"])
        batches = (batch for file in files["images"] for batch in pq.ParquetFile(file).iter_batches(_BATCH))
        template: dict[str, Any] = {}
        for batch in batches:
            rows = batch.to_pylist()
            if not template:
                dataset.add_sample(_sample(rows[0], regions), dynamic=True)
                template = dataset._sample_collection.find_one()
                rows = rows[1:]
            dataset._sample_collection.insert_many([_document(row, regions, template) for row in rows], ordered=False)
        for path in _INDEXES:
            dataset.create_index(path)

    def open(self, files: Files) -> None:
        """Load the dataset."""
        del files
        self.dataset = fo.load_dataset(_NAME)

    def count(self, said: Said) -> int:
        """Samples in the view."""
        return int(self._slice(said).count())

    def facet(self, said: Said, column: str) -> dict[str, int]:
        """``count_values``."""
        return {str(value): number for value, number in self._slice(said).count_values(column).items()}

    def look_up(self, ids: list[str]) -> list[list[str]]:
        """Samples by image_id, each with its detections."""
        samples = list(self.dataset.match(ViewField("image_id").is_in(ids)))
        regions = [region.roi_id for sample in samples for region in sample.rois.detections]
        return [sorted(sample.image_id for sample in samples), sorted(regions)]

    def export(self, said: Said, file: Path) -> None:
        """It writes no Parquet."""
        raise NotImplementedError("writes no Parquet; its exporters write a file an image")

    def _slice(self, said: Said) -> Any:
        view = self.dataset.view()
        for column, values in of_images(said).items():
            asked = ViewField(column)
            view = view.match(asked.contains(values) if column in ("organs", "diseases") else asked.is_in(values))
        if asked := dict(of_regions(said)):
            low, high = asked.pop("area_ratio")
            test = (ViewField("area_ratio") >= low) & (ViewField("area_ratio") <= high)
            for column, value in asked.items():
                test = test & (ViewField(column) == value)
            view = view.match(ViewField("rois.detections").filter(test).length() > 0)
        return view


def _regions_by_image(files: list[str]) -> dict[int, list[dict[str, Any]]]:
    columns = ["image_key", "roi_id", "label", "kind", "x0", "y0", "x1", "y1", "area_ratio", "zone_h", "zone_v"]
    found: dict[int, list[dict[str, Any]]] = {}
    for file in files:
        for batch in pq.ParquetFile(file).iter_batches(_BATCH, columns=columns):
            for row in batch.to_pylist():
                found.setdefault(row.pop("image_key"), []).append(row)
    return found


def _detection(region: dict[str, Any], image: dict[str, Any]) -> dict[str, Any]:
    width, height = image["width"] or 1, image["height"] or 1
    box = [region["x0"] / width, region["y0"] / height]
    box += [(region["x1"] - region["x0"]) / width, (region["y1"] - region["y0"]) / height]
    kept = {name: region[name] for name in ("label", "kind", "roi_id", "area_ratio", "zone_h", "zone_v")}
    return {**kept, "bounding_box": box}


def _declare(dataset: Any, schema: pa.Schema) -> None:
    """A field for every column: samples with others than those of the dataset cannot be loaded."""
    kinds = ((pa.types.is_boolean, fo.BooleanField), (pa.types.is_integer, fo.IntField))
    kinds += ((pa.types.is_floating, fo.FloatField), (pa.types.is_list, fo.ListField))
    for field in schema:
        if _kept(field.name):
            kind = next((made for test, made in kinds if test(field.type)), fo.StringField)
            dataset.add_sample_field(field.name, kind)


def _values(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None and _kept(name)}


def _kept(column: str) -> bool:
    """Merged files of DuckLake have columns of its own, whose names FiftyOne refuses."""
    return column not in _LEFT_OUT and not column.startswith("_")


def _sample(row: dict[str, Any], regions: dict[int, list[dict[str, Any]]]) -> Any:
    found = [fo.Detection(**_detection(region, row)) for region in regions.get(row["image_key"], [])]
    return fo.Sample(filepath=f"/{row['image_id']}.png", rois=fo.Detections(detections=found), **_values(row))


def _document(
    row: dict[str, Any], regions: dict[int, list[dict[str, Any]]], template: dict[str, Any]
) -> dict[str, Any]:
    shared = {name: template[name] for name in ("tags", "_media_type", "_dataset_id", "created_at", "last_modified_at")}
    found = [
        {"_id": bson.ObjectId(), "_cls": "Detection", "attributes": {}, "tags": [], **_detection(region, row)}
        for region in regions.get(row["image_key"], [])
    ]
    own = {"filepath": f"/{row['image_id']}.png", "_rand": (row["image_key"] % 1_000_003) / 1_000_003}
    return {**shared, **own, **_values(row), "rois": {"_cls": "Detections", "detections": found}}
