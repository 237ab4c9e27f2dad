"""Vectors lie in Lance and their version in the catalog: no reader sees those of a commit that was not made."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import lance
import numpy as np
import pyarrow as pa
import pytest

import catalog
from catalog.errors import LakeError, TriptychError
from catalog.lake import vector_index, vectors
from catalog.lake.commit import recover
from catalog.records import Roi
from generators.contract import Vector
from tests.conftest import TakeIn
from tests.generators.conftest import PICTURES, rows, run
from tests.generators.making import BadVector, Means

HALF = PICTURES // 2


class OfBoxes(Means):
    """The middle of every box of an image; none where an image has one box alone and ``few`` says so."""

    name = "test-of-boxes"
    reads = "boxes"
    unit = "region"
    few = False

    def prepare(self, item: Any) -> Any:
        return [(row["row_id"], row["x0"] + row["x1"], row["y0"] + row["y1"]) for row in item.spoken]

    def bucket(self, prepared: Any) -> Any:
        return None

    def generate(self, batch: Any) -> list[list[Vector]]:
        return [[Vector(np.array(place), name) for name, *place in found if not self.few] for found in batch]


class Uneven(Means):
    """Embeddings of three numbers, then of four."""

    name = "test-uneven"
    sizes = (3, 4)

    def bucket(self, prepared: Any) -> Any:
        return None

    def generate(self, batch: Any) -> list[list[Vector]]:
        size, *rest = self.sizes
        self.sizes = (*rest, size)  # type: ignore[assignment]
        return [[Vector(np.ones(size))] for _ in batch]


def named(lake: catalog.Lake, at: int | None = None) -> list[tuple[str, int, int]]:
    """Name, version and count of the sets that a snapshot knows."""
    with catalog.open(lake.layout.root) as looked_at:
        query = "SELECT name, version, vectors FROM vector_sets ORDER BY 1"
        return looked_at.reader(at=at).execute(query).fetchall()


def seen(lake: catalog.Lake, at: int | None = None) -> Any:
    """The only set that a snapshot knows, as a reader opens it."""
    ((name, version, count),) = named(lake, at)
    found = vectors.open_set(lake.layout, name, version).to_table()
    assert len(found) == count
    return found


def keys(lake: catalog.Lake) -> list[int]:
    return [key for (key,) in rows(lake, "SELECT image_key FROM images ORDER BY 1")]


def folder(lake: catalog.Lake) -> Path:
    (found,) = lake.layout.vectors.glob("*.lance")
    return Path(found)


def test_vectors_are_found_at_the_version_that_the_catalog_names(pictures: catalog.Lake) -> None:
    report = run(pictures, Means())
    assert report.tally.made == PICTURES
    found = seen(pictures)
    known = dict(rows(pictures, "SELECT image_key, image_id FROM images"))
    assert dict(zip(found["image_key"].to_pylist(), found["image_id"].to_pylist(), strict=True)) == known
    assert found.schema.field("vector").type == pa.list_(pa.float32(), 4)
    query = "SELECT generator, fingerprint, unit, dimension, vectors, run_id FROM vector_sets"
    (((*said, run_id)),) = rows(pictures, query)
    assert said == ["test-means", vectors_fingerprint(pictures), "image", 4, PICTURES]
    assert run_id == report.run_id
    assert pictures.slice(has="embeddings").count() == PICTURES


def vectors_fingerprint(lake: catalog.Lake) -> str:
    ((fingerprint,),) = rows(lake, "SELECT DISTINCT fingerprint FROM outcomes")
    return str(fingerprint)


def test_an_old_snapshot_has_its_old_vectors(pictures: catalog.Lake) -> None:
    run(pictures, Means(), limit=HALF)
    before = pictures.snapshot()
    run(pictures, Means())
    assert len(seen(pictures, at=before)) == HALF
    assert len(seen(pictures)) == PICTURES


def test_what_a_killed_commit_appended_is_seen_by_nobody_and_taken_back(pictures: catalog.Lake) -> None:
    run(pictures, Means(), limit=HALF)
    lance.write_dataset(seen(pictures), str(folder(pictures)), mode="append")
    assert lance.dataset(str(folder(pictures))).count_rows() == 2 * HALF
    assert len(seen(pictures)) == HALF
    run(pictures, Means())
    assert sorted(seen(pictures)["image_key"].to_pylist()) == keys(pictures)


KILLED = """
import os, signal, sys
import catalog
from catalog.lake import vector_index, vectors
from tests.generators.conftest import run
from tests.generators.making import BadVector, Means

def killed(*given):
    moved = append(*given)
    assert moved.added == {added}
    os.kill(os.getpid(), signal.SIGKILL)

append, vectors.append = vectors.append, killed
with catalog.open(sys.argv[1], write=True) as lake:
    run(lake, Means())
"""


@pytest.mark.parametrize("done", [0, HALF])
def test_a_process_killed_before_the_catalog_knows_its_vectors(pictures: catalog.Lake, done: int) -> None:
    if done:
        run(pictures, Means(), limit=done)
    code = KILLED.format(added=PICTURES - done)
    dead = subprocess.run([sys.executable, "-c", code, str(pictures.layout.root)], check=False)
    assert dead.returncode == -signal.SIGKILL
    assert lance.dataset(str(folder(pictures))).count_rows() == PICTURES
    assert sum(count for *_, count in named(pictures)) == done
    assert recover(pictures.layout).vectors == PICTURES - done
    assert sorted(seen(pictures)["image_key"].to_pylist()) == keys(pictures)
    assert run(pictures, Means()).tally.done == 0


def boxed(lake: catalog.Lake, take_in: TakeIn, unit: str, places: dict[str, int]) -> None:
    boxes = [
        Roi(image_id=name, label=unit, x0=place, y0=1, x1=place + 5, y1=5, width=40, height=40)
        for name, place in places.items()
    ]
    take_in(lake.layout, {unit: boxes})


def test_vectors_made_anew_replace_those_of_before(pictures: catalog.Lake, take_in: TakeIn) -> None:
    first, second = (name for (name,) in rows(pictures, "SELECT image_id FROM images ORDER BY 1 LIMIT 2"))
    boxed(pictures, take_in, "a", {first: 1, second: 2})
    run(pictures, OfBoxes())
    before = pictures.snapshot()
    boxed(pictures, take_in, "b", {first: 7})
    assert run(pictures, OfBoxes()).tally.made == 2
    found = seen(pictures)
    assert sorted(found["image_id"].to_pylist()) == [first, first, second]
    units = [name for (name,) in rows(pictures, "SELECT roi_id FROM rois ORDER BY 1")]
    assert sorted(found["unit_id"].to_pylist()) == units
    assert len(seen(pictures, at=before)) == 2
    assert rows(pictures, "SELECT unit FROM vector_sets") == [("region",)]


def test_vectors_go_when_nothing_is_made_in_their_place(
    pictures: catalog.Lake, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (name for (name,) in rows(pictures, "SELECT image_id FROM images ORDER BY 1 LIMIT 2"))
    boxed(pictures, take_in, "a", {first: 1, second: 2})
    run(pictures, OfBoxes())
    boxed(pictures, take_in, "b", {first: 7})
    monkeypatch.setattr(OfBoxes, "few", True)
    assert run(pictures, OfBoxes()).tally.made == 0
    assert seen(pictures)["image_id"].to_pylist() == [second]


def test_another_fingerprint_makes_another_set(pictures: catalog.Lake) -> None:
    run(pictures, Means())
    ((old, *_),) = named(pictures)
    run(pictures, Means(padding=3), limit=HALF)
    assert sorted(count for *_, count in named(pictures)) == [HALF, PICTURES]
    run(pictures, Means(padding=3))
    ((new, _, count),) = named(pictures)
    assert (new != old, count) == (True, PICTURES)
    assert rows(pictures, "SELECT dimension FROM vector_sets") == [(5,)]


def test_vectors_that_could_not_be_made_anew_stay(pictures: catalog.Lake) -> None:
    run(pictures, BadVector(how="one"))
    ((name, *_),) = rows(pictures, "SELECT min(image_id) FROM images")
    run(pictures, BadVector(how="nan", only=name))
    assert name in seen(pictures)["image_id"].to_pylist()
    assert rows(pictures, "SELECT reason, count(*) FROM stale GROUP BY 1") == [("failed", 1)]
    run(pictures, BadVector(how="one", only=name))
    assert seen(pictures)["image_id"].to_pylist() == [name]


def test_a_set_without_vectors_goes_when_another_fingerprint_makes_none(pictures: catalog.Lake) -> None:
    run(pictures, BadVector(how="one"))
    run(pictures, BadVector(how="one", only="no such image"))
    assert named(pictures) == []


def test_a_set_made_once_more_leaves_old_snapshots_theirs(pictures: catalog.Lake) -> None:
    run(pictures, Means())
    before = pictures.snapshot()
    run(pictures, Means(padding=3))
    run(pictures, Means(), limit=HALF)
    run(pictures, Means())
    assert len(seen(pictures)) == PICTURES
    assert len(seen(pictures, at=before)) == PICTURES


def test_vectors_of_two_sizes_are_refused_and_do_not_stay(
    pictures: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    from generators import writer

    monkeypatch.setattr(writer, "IMAGES", 1)
    with pytest.raises(TriptychError, match="test-uneven made embeddings of 3 and of 4 numbers"):
        run(pictures, Uneven(), batch_size=4)
    assert named(pictures) == []
    recover(pictures.layout)
    monkeypatch.setattr(Uneven, "sizes", (3,))
    assert run(pictures, Uneven()).committed == PICTURES


def test_vectors_of_another_size_than_the_set_are_refused(
    pictures: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Uneven, "sizes", (3,))
    run(pictures, Uneven(), limit=HALF)
    monkeypatch.setattr(Uneven, "sizes", (4,))
    with pytest.raises(TriptychError, match="of 3 and of 4 numbers with the same model"):
        run(pictures, Uneven())
    assert len(seen(pictures)) == HALF


def test_vectors_that_are_gone_are_told(pictures: catalog.Lake) -> None:
    run(pictures, Means(), limit=HALF)
    folder(pictures).rename(folder(pictures).with_suffix(".gone"))
    with pytest.raises(LakeError, match="version 1 of the vectors 'test-means-"):
        run(pictures, Means())


def test_a_set_that_is_large_enough_gets_an_index_that_grows_with_it(
    pictures: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_index, "FROM", HALF)
    monkeypatch.setattr(vector_index, "GROWN", 1.9)
    counts = []
    for limit in (HALF - 1, 1, 1, 1, None):
        run(pictures, Means(), limit=limit)
        ((name, version, _),) = named(pictures)
        dataset = vectors.open_set(pictures.layout, name, version)
        told = [dataset.stats.index_stats(one.name) for one in dataset.describe_indices()]
        counts.append([one["num_indexed_rows_per_delta"] for one in told])
    assert counts == [[], [[HALF]], [[HALF]], [[HALF, 2]], [[PICTURES]]]
    query = dataset.take([3])["vector"][0].as_py()
    nearest = {"column": "vector", "q": np.array(query, dtype=np.float32), "k": 1, "refine_factor": 5, "nprobes": 9}
    assert dataset.to_table(nearest=nearest)["image_key"].to_pylist() == dataset.take([3])["image_key"].to_pylist()


def indexed(lake: catalog.Lake) -> list[int]:
    """Vectors in the indexes of the only set."""
    ((name, version, _),) = named(lake)
    return [one.num_rows_indexed for one in vectors.open_set(lake.layout, name, version).describe_indices()]


def test_an_index_is_left_to_the_next_run_when_others_change_the_set_meanwhile(
    pictures: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = vector_index._index

    def disturbed(dataset: Any) -> None:
        make(dataset)
        monkeypatch.setattr(vector_index, "FROM", PICTURES)
        run(pictures, Means(), limit=1)

    monkeypatch.setattr(vector_index, "FROM", HALF)
    monkeypatch.setattr(vector_index, "_index", disturbed)
    run(pictures, Means(), limit=HALF)
    assert (indexed(pictures), len(seen(pictures))) == ([], HALF + 1)
    monkeypatch.setattr(vector_index, "_index", make)
    run(pictures, Means())
    assert (indexed(pictures), len(seen(pictures))) == ([PICTURES], PICTURES)


def test_an_index_that_was_interrupted_is_made_by_a_run_that_has_nothing_else_to_do(
    pictures: catalog.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = vector_index._index

    def interrupted(dataset: Any) -> None:
        make(dataset)
        raise KeyboardInterrupt

    monkeypatch.setattr(vector_index, "FROM", HALF)
    monkeypatch.setattr(vector_index, "_index", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(pictures, Means())
    assert (indexed(pictures), len(seen(pictures))) == ([], PICTURES)
    monkeypatch.setattr(vector_index, "_index", make)
    assert run(pictures, Means()).tally.done == 0
    assert (indexed(pictures), len(seen(pictures))) == ([PICTURES], PICTURES)


def test_expiring_snapshots_frees_the_vectors_that_they_named(pictures: catalog.Lake) -> None:
    run(pictures, Means(), limit=HALF)
    run(pictures, Means())
    ((name, version),) = rows(pictures, "SELECT name, version FROM vector_sets")
    run(pictures, Means(padding=3))
    (other,) = rows(pictures, "SELECT name FROM vector_sets")[0]
    assert name != other
    folders = pictures.layout.vectors
    pictures.compact()
    assert {folder.stem for folder in folders.iterdir()} == {name, other}
    assert lance.dataset(str(folders / f"{name}.lance"), version=version).count_rows() == PICTURES
    freed = pictures.compact(expire="0s").cleared.bytes
    assert freed > 0
    assert {folder.stem for folder in folders.iterdir()} == {other}
    (current,) = vectors.sets(pictures.reader())
    assert vectors.open_set(pictures.layout, other, current["version"]).count_rows() == PICTURES
