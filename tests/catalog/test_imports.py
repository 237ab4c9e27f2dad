"""Ctrl-C during an import arrives when the module is whole."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.imports import whole

INTERRUPTED = "import signal\nsignal.raise_signal(signal.SIGINT)\nfinished = True\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module in whose import Ctrl-C is pressed."""
    (tmp_path / "pressed_in_the_middle.py").write_text(INTERRUPTED)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pressed_in_the_middle", raising=False)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield "pressed_in_the_middle"
    signal.signal(signal.SIGINT, before)


def test_an_interrupted_import_ends_first(module: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        whole(module)
    assert sys.modules[module].finished
    assert whole(module).finished


def test_a_module_that_is_not_there_is_an_import_error() -> None:
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        whole("no_such_module")
