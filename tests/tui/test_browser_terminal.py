"""The browser as a process on a real terminal: it begins, shows, and leaves the terminal as it was, whatever comes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

import catalog

pytest.importorskip("textual")

BROWSE = f"{sys.executable} -m tui --lake {{lake}} browse"
LEFT = "\x1b[?1049l"
"""The screen of before."""


def begun(lake: Path, *, size: tuple[int, int] = (24, 80), **variables: str) -> pexpect.spawn:
    """A shell that browses a lake and then says with which code it was left."""
    env = {**os.environ, "TERM": "xterm-256color", **variables}
    command = f"{BROWSE.format(lake=lake)}; echo left with $?"
    return pexpect.spawn("sh", ["-c", command], dimensions=size, encoding="utf-8", env=env)


def browser_of(shell: pexpect.spawn) -> int:
    """The browser's process."""
    children = Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text(encoding="ascii").split()
    return int(children[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_browser_that_is_told_to_end_leaves_the_terminal_as_it_was(head_lake: Path, number: signal.Signals) -> None:
    shell = begun(head_lake)
    shell.expect("5 images", timeout=60)
    os.kill(browser_of(shell), number)
    shell.expect(f"left with {128 + number}", timeout=30)
    assert LEFT in str(shell.before)


def test_a_browser_whose_terminal_is_gone_ends(head_lake: Path) -> None:
    shell = begun(head_lake)
    shell.expect("5 images", timeout=60)
    process = browser_of(shell)
    shell.close(force=False)
    ended(process)


def test_a_browser_that_nobody_tells_of_the_end_of_its_terminal_ends(head_lake: Path) -> None:
    env = {**os.environ, "TERM": "xterm-256color"}
    shell = pexpect.spawn("sh", ["-c", f"trap '' HUP; {BROWSE.format(lake=head_lake)}; :"], encoding="utf-8", env=env)
    shell.expect("5 images", timeout=60)
    process = browser_of(shell)
    os.close(shell.child_fd)
    ended(process)


def ended(process: int) -> None:
    """Wait until a process has ended."""
    deadline = time.monotonic() + 30
    while (state := Path(f"/proc/{process}/stat")).exists() and ") Z " not in state.read_text():
        assert time.monotonic() < deadline, "it still runs"
        time.sleep(0.1)


def test_a_terminal_without_colours_shows_the_same(head_lake: Path) -> None:
    shell = begun(head_lake, NO_COLOR="1")
    shell.expect("5 images", timeout=60)
    shell.send("q")
    shell.expect("left with 0", timeout=30)


def test_a_dumb_terminal_is_told_which_commands_to_use(head_lake: Path) -> None:
    shell = begun(head_lake, TERM="dumb")
    shell.expect("TERM=dumb.*use triptych ls, facets or show instead", timeout=60)
    shell.expect("left with 2", timeout=30)


def test_no_lake_is_told_before_the_screen_is_taken(tmp_path: Path) -> None:
    shell = begun(tmp_path / "nowhere")
    shell.expect("error: .*nowhere", timeout=60)
    shell.expect("left with 3", timeout=30)
    assert "\x1b[?1049h" not in str(shell.before)


def test_an_empty_lake_is_browsed(tmp_path: Path) -> None:
    catalog.init(tmp_path / "lake").close()
    shell = begun(tmp_path / "lake")
    shell.expect("0 images", timeout=60)
    shell.send("GjkPq")
    shell.send("q")
    shell.expect("left with 0", timeout=30)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[list[str]]:
    """A tmux of one's own."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    command = ["tmux", "-S", str(tmp_path / "socket")]
    yield command
    subprocess.run([*command, "kill-server"], check=False, capture_output=True)


def screen(tmux: list[str]) -> str:
    """What tmux shows."""
    return subprocess.run([*tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True).stdout


def awaited(tmux: list[str], text: str) -> str:
    """The screen, once it has a text."""
    deadline = time.monotonic() + 60
    while text not in (shown := screen(tmux)):
        assert time.monotonic() < deadline, shown
        time.sleep(0.1)
    return shown


def test_a_lake_is_browsed_in_tmux(head_lake: Path, tmux: list[str]) -> None:
    shell = ["new-session", "-d", "-x", "120", "-y", "40", "sh"]
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    subprocess.run([*tmux, *shell], check=True, env={**env, "SHELL": "/bin/sh"})
    subprocess.run([*tmux, "send-keys", BROWSE.format(lake=head_lake), "Enter"], check=True)
    shown = awaited(tmux, "5 images")
    assert "▾ MODALITY" in shown
    subprocess.run([*tmux, "send-keys", "/", "--organ brain", "Enter"], check=True)
    shown = awaited(tmux, "3 images")
    assert "--organ brain" in shown
    awaited(tmux, "[x] brain")
    awaited(tmux, "▀")  # a picture in half blocks
    subprocess.run([*tmux, "send-keys", "q"], check=True)
    deadline = time.monotonic() + 30
    while "▾ MODALITY" in screen(tmux):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_browser_whose_tmux_is_killed_ends(head_lake: Path, tmux: list[str]) -> None:
    command = f"exec {BROWSE.format(lake=head_lake)}"
    subprocess.run([*tmux, "new-session", "-d", "-x", "120", "-y", "40", command], check=True)
    awaited(tmux, "5 images")
    listed = subprocess.run([*tmux, "list-panes", "-F", "#{pane_pid}"], check=True, capture_output=True, text=True)
    subprocess.run([*tmux, "kill-server"], check=True)
    ended(int(listed.stdout))
