"""Boxes of two makers are matched one to one, as well as can be."""

from __future__ import annotations

import math

import pytest

from catalog.geometry.agreement import agreement, iou

SQUARE = (0.0, 0.0, 10.0, 10.0)


def test_overlaps_are_shares_of_the_union() -> None:
    found = iou([SQUARE], [SQUARE, (5.0, 0.0, 15.0, 10.0), (20.0, 20.0, 30.0, 30.0)])
    assert found.tolist() == [[1.0, pytest.approx(1 / 3), 0.0]]


def test_empty_and_unknown_boxes_meet_none() -> None:
    assert iou([(0, 0, 0, 0), (math.nan, 0, 10, 10)], [SQUARE]).tolist() == [[0.0], [0.0]]


def test_no_box_is_matched_twice_and_the_sum_is_the_largest() -> None:
    found = agreement([SQUARE, (2, 0, 12, 10)], [(1, 0, 11, 10), (50, 50, 60, 60)])
    assert [(match.first, match.second) for match in found.matches] == [(0, 0)]
    assert (found.only_first, found.only_second) == ((1,), (1,))
    assert found.mean_iou == pytest.approx(9 / 11)


def test_a_better_pair_is_given_up_where_two_pairs_agree_better_as_a_whole() -> None:
    found = agreement([(0, 0, 10, 10), (0, 0, 10, 8)], [(0, 0, 10, 9), (0, 0, 10, 7)])
    assert {(match.first, match.second) for match in found.matches} == {(0, 0), (1, 1)}


def test_nothing_agrees_with_nothing() -> None:
    found = agreement([], [])
    assert (found.matches, found.only_first, found.only_second, found.mean_iou) == ((), (), (), None)
    assert agreement([], [SQUARE]).only_second == (0,)
