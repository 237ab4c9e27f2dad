"""Pictures of half blocks: two pixels a character, none lost."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("textual")

from tui.browser.preview.blocks import _lines
from tui.browser.preview.picture import half_blocks


def test_every_pixel_is_the_colour_of_half_a_character() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    pixels[:, 2] = pixels[:, 1]
    shown = np.zeros((8, 5, 3), dtype=np.uint8)
    for y, line in enumerate(_lines(pixels)):
        assert line.text == "▀" * 5
        x = 0
        for text, style, _ in line:
            assert style is not None
            for half, colour in enumerate((style.color, style.bgcolor)):
                assert colour is not None
                shown[2 * y + half, x : x + len(text)] = colour.triplet
            x += len(text)
    assert np.array_equal(shown[:7], pixels)
    assert not shown[7].any()


def test_neighbours_of_one_colour_are_one_piece() -> None:
    assert [len(list(line)) for line in _lines(np.zeros((4, 100, 3), dtype=np.uint8))] == [1, 1]


@pytest.mark.parametrize("name", ["TMUX", "TERM"])
def test_pictures_are_half_blocks_inside_of_tmux(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "tmux-256color")
    assert half_blocks()
