"""``triptych generate`` and ``triptych generators``: the plan, the run, and what is said when it cannot be meant."""

from __future__ import annotations

import json

import pytest

import catalog
from tests.generators.making import Rude
from tests.tui.conftest import Triptych


@pytest.fixture(autouse=True)
def lake_of_the_test(triptych: Triptych, chest_lake: catalog.Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three images: a CT whose file is gone, an MRI and an X-ray without pixels."""
    monkeypatch.setenv("TRIPTYCH_LAKE", str(chest_lake.layout.root))


def test_a_dry_run_says_what_is_missing_and_writes_nothing(triptych: Triptych, chest_lake: catalog.Lake) -> None:
    before = chest_lake.snapshot()
    said = triptych("generate", "coarse-caption", "--dry-run")
    assert said.code == 0
    parts = (
        "images     3",
        "missing             3",
        "to do      3 in 1 batch",
        "time       ",
        "probe      3 images",
    )
    assert [part for part in parts if part not in said.out] == []
    assert chest_lake.snapshot() == before


def test_the_plan_as_json_has_every_number(triptych: Triptych) -> None:
    plan = json.loads(triptych("generate", "coarse-caption", "--dry-run", "--json").out)
    counts = {"images": 3, "missing": 3, "stale": 0, "failed": 0, "fresh": 0, "blocked": 0, "todo": 3}
    assert counts.items() <= plan.items()
    assert plan["seconds"] > 0
    assert plan["bytes"] > 0
    assert plan["probe"]["images"] == 3


def test_a_plan_names_what_is_needed_first(triptych: Triptych) -> None:
    said = triptych("generate", "roi-greenbox", "--dry-run")
    assert "2 have no pixels: ingest the files that hold their pixels" in said.out


def test_a_run_says_what_it_did_and_a_second_that_there_is_nothing_to_do(triptych: Triptych) -> None:
    first = triptych("generate", "coarse-caption")
    assert (first.code, first.out) == (0, "")
    assert first.err.startswith("3 images done, 3 made")
    assert triptych("generate", "coarse-caption").err == "nothing to do: 3 fresh\n"
    assert json.loads(triptych("runs", "--json").out)[0]["outcomes"] == 3
    said = json.loads(triptych("generate", "coarse-caption", "--json").out)
    assert (said["done"], said["before"]["fresh"]) == (0, 3)


def test_a_slice_and_a_limit_are_kept(triptych: Triptych) -> None:
    assert json.loads(triptych("generate", "coarse-caption", "--modality", "CT", "--json").out)["done"] == 1
    assert json.loads(triptych("generate", "coarse-caption", "--limit", "1", "--json").out)["done"] == 1


def test_failures_make_the_exit_code_one(triptych: Triptych) -> None:
    said = triptych("generate", "roi-greenbox", "--modality", "CT")
    assert said.code == 1
    assert "1 x missing, such as: no file at '/pixels/ct.png'" in said.err
    assert "missing: roi-greenbox [ct]" in triptych("failures").out
    assert triptych("generate", "roi-greenbox", "--modality", "CT").code == 0
    assert triptych("generate", "roi-greenbox", "--modality", "CT", "--retry-failed").code == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("coarse-captoin",), "no generator 'coarse-captoin'; did you mean 'coarse-caption'?"),
        (("coarse-caption", "--set", "prompt=x"), "coarse-caption has no setting 'prompt'; it has none"),
        (("coarse-caption", "--set", "prompt"), "--set 'prompt' is no pair; write NAME=VALUE"),
        (("coarse-caption", "--device", "cuda"), "this generator does not run on 'cuda'; use --device cpu"),
        (("coarse-caption", "--device", "gpu"), "no device 'gpu'; choose auto, cpu, cuda or cuda:N"),
        (("coarse-caption", "--limit", "0"), "--limit 0 is too few; give at least 1"),
        (("roi-hf",), "roi-hf needs a model; give it with --model ID"),
        (("roi-greenbox", "--set", "completeness=much"), "roi-greenbox: the setting completeness cannot be 'much'"),
        (("coarse-caption", "--organ", "lnug"), "lung"),
    ],
)
def test_wrong_usage_is_told_in_one_line(triptych: Triptych, words: tuple[str, ...], message: str) -> None:
    said = triptych("generate", *words)
    assert said.code == 2
    assert message in said.err
    assert said.err.count("\n") == 1


def test_cuda_that_is_not_there_is_told(triptych: Triptych) -> None:
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a CUDA device here")
    said = triptych("generate", "embed-image", "--device", "cuda")
    assert said.code == 2
    assert "no device 'cuda': torch 2" in said.err
    assert "use --device cpu" in said.err


def test_the_generators_are_listed_with_what_they_make(triptych: Triptych) -> None:
    found = {entry["name"]: entry for entry in json.loads(triptych("generators", "--json").out)}
    assert set(found) >= {"coarse-caption", "roi-mask", "roi-filename", "roi-greenbox", "roi-lungs", "roi-medsam"}
    assert set(found) >= {"roi-monai", "roi-hf", "embed-image", "embed-text"}
    assert (found["coarse-caption"]["layer"], found["coarse-caption"]["reads"]) == ("coarse_caption", "metadata")
    assert all(entry["about"] for entry in found.values())
    assert "roi-greenbox: rois from pixels" in triptych("generators").out


def test_an_old_snapshot_cannot_be_filled(triptych: Triptych) -> None:
    said = triptych("generate", "coarse-caption", "--at", "1")
    assert (said.code, said.err) == (
        2,
        "error: a generator works on what the lake holds now, not on snapshot 1; leave --at out\n",
    )


def test_what_a_generator_prints_does_not_come_between(triptych: Triptych, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generators.registry.find", lambda name: Rude)
    for flags in (("--dry-run",), ("--workers", "0")):
        said = triptych("generate", "test-rude", "--set", "how=print", "--json", *flags)
        assert json.loads(said.out)
        assert "a word of mine" in said.err
