"""A line of slice flags: it means what the command line means, and mistakes are told with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

import catalog

pytest.importorskip("textual")

from hypothesis import given
from hypothesis import strategies as st

from tui.browser.filter.line import FLAGS, checked, parsed, words
from tui.browser.said import flags


def test_a_line_means_what_its_flags_mean() -> None:
    line = parsed("--modality CT --modality MR --roi-area=0.01:0.1 --where 'width >= 512' --sample 5")
    assert line.said == {
        "modality": ("CT", "MR"),
        "roi_area": ("0.01:0.1",),
        "where": ("width >= 512",),
        "sample": 5,
    }
    assert line.troubles == ()


@given(st.lists(st.tuples(st.sampled_from(["modality", "organ", "where", "text"]), st.text(min_size=1)), max_size=5))
def test_whatever_is_said_is_written_and_read_again(said: list[tuple[str, str]]) -> None:
    meant: dict[str, tuple[str, ...]] = {}
    for name, word in said:
        if word.strip():
            meant[name] = (*meant.get(name, ()), word)
    assert parsed(flags(meant)).said == meant


@pytest.mark.parametrize(
    ("line", "place", "message"),
    [
        ("--modalty CT", "--modalty", "no slice flag '--modalty'; did you mean '--modality'"),
        ("--has pixels --has eyes", "eyes", "no layer 'eyes'; known are pixels"),
        ("--roi-area 0.5", "0.5", "--roi-area '0.5' is no range; write LO:HI"),
        ("--sample many", "many", "--sample 'many' is no whole number"),
        ("--sample 1 --sample 2", "2", "--sample is given twice"),
        ("--organ", "--organ", "--organ needs a value"),
        ("CT", "CT", "no slice flag 'CT'"),
    ],
)
def test_a_mistake_is_told_with_its_place(line: str, place: str, message: str) -> None:
    (trouble, *_) = parsed(line).troubles
    assert line[trouble.start : trouble.end] == place
    assert message in trouble.message


def test_an_open_quote_is_told() -> None:
    assert [trouble.message for trouble in parsed("--where 'width > 5").troubles] == ["a quote is not closed"]


def test_words_know_their_places() -> None:
    line = "  --organ 'left lung'"
    assert [(word.text, line[word.start : word.end]) for word in words(line)] == [
        ("--organ", "--organ"),
        ("left lung", "'left lung'"),
    ]


def test_what_the_lake_does_not_know_is_told_with_its_place(head_lake: Path) -> None:
    line = "--organ brain --disease hemorhage --where 'widht > 5' --slice mine"
    with catalog.open(head_lake) as lake:
        troubles = checked(lake, parsed(line)).troubles
    assert [line[trouble.start : trouble.end] for trouble in troubles] == ["hemorhage", "'widht > 5'", "mine"]
    assert "did you mean 'hemorrhage'" in troubles[0].message


def test_every_flag_of_the_command_line_may_stand_in_the_line() -> None:
    from tui.slice_flags import SliceFlags

    assert set(FLAGS.values()) == set(SliceFlags.__dataclass_fields__)
