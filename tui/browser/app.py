"""The browser as an app: the lake, its screens, and leaving in order whatever happens."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import termios
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType

from catalog.errors import TriptychError
from tui.browser.asking import Asking
from tui.browser.main_screen import MainScreen
from tui.browser.palette import commands
from tui.browser.said import Said
from tui.browser.themes import DARK, LIGHT
from tui.state import state_file

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode
    from textual.screen import Screen

    from catalog.api import Lake


_LOADED = 3.0
"""Seconds after which what is in memory stays there: to look through it for garbage would stop the screen for 0.2 s."""
_QUESTIONS = 32
"""Questions that are answered at the same time: most of them wait for others, such as for marks to be read."""
_LOOKED, _PATIENCE = 1.0, 5.0
"""Seconds between two looks for the terminal, and those that leaving may take once it is gone."""
_TEXTUALS = ("Theme", "Screenshot")


class Browser(App[None]):
    """A lake on the screen; it is opened once the first frame is drawn, and closed at the end."""

    TITLE = "Triptych"
    CSS = """
    Footer { background: $panel; }
    Facets, RowTable, Preview, Editor, Side, Bars, Heat {
        border: round $border-blurred; border-title-color: $foreground; border-subtitle-color: $foreground;
    }
    Facets:focus-within, RowTable:focus, Preview:focus-within, Editor:focus { border: heavy $border; }
    Side:focus-within, Bars:focus, Heat:focus { border: heavy $border; }
    """
    """The frame of a pane is heavy while it has the focus."""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as textual declares it
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "quit", id="app.quit"),
        Binding("d", "dark", "dark or light", show=False, id="app.dark"),
        Binding("question_mark", "help", "help", key_display="?", id="app.help"),
    ]

    def __init__(self, opened: Callable[[], Lake], said: Said) -> None:
        super().__init__()
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self.theme = kept if (kept := _kept_theme()) in self.available_themes else DARK.name
        self._opened = opened
        self._lake: Lake | None = None
        self.asking = Asking(self, lambda: self._lake)
        self._main = MainScreen(self.asking, said)

    async def on_mount(self) -> None:
        """Draw, then open the lake: what that imports would hold up the first frame."""
        self._listen()
        await self.push_screen(self._main)
        self._main.call_after_refresh(self._open)

    async def on_unmount(self) -> None:
        """Let go of the lake."""
        self.asking.cancel()
        if self._lake is not None:
            self._lake.close()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action with its key, then what Textual adds: themes and screenshots."""
        yield from commands(self, screen)
        yield from (command for command in super().get_system_commands(screen) if command.title in _TEXTUALS)

    def watch_theme(self, theme: str) -> None:
        """Remember the theme."""
        if (kept := state_file("theme")) is not None and theme != _kept_theme():
            kept.write_text(theme, encoding="utf-8")

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Do what a key means; what the lake refuses is said, and the screen stays."""
        try:
            return await super().run_action(action, default_namespace, namespaces)
        except TriptychError as error:
            self.notify(str(error), severity="error", markup=False)
            return True

    def action_dark(self) -> None:
        """Change between dark and light."""
        self.theme = (LIGHT if self.current_theme.dark else DARK).name

    def action_help(self) -> None:
        """Show or hide the keys."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def _open(self) -> None:
        self.asking.ask(
            self._main, "opening", self._opened, self._began, refused=self._refused, dropped=self._opened_in_vain
        )

    def _opened_in_vain(self, lake: Lake) -> None:
        """Nobody waits for the lake any more: because of the end, or of a key that stops what is being waited for."""
        if self._main.is_attached:
            self._began(lake)
        else:
            lake.close()

    def _began(self, lake: Lake) -> None:
        self._lake = lake
        self._main.begin(lake)
        self.set_timer(_LOADED, gc.freeze)

    def _refused(self, trouble: str) -> None:
        self.exit(return_code=2, message=f"error: {trouble}")

    def _leave(self, code: int) -> None:
        """End in order, and after a while in any case: Textual reads for ever from a terminal that is gone."""
        end = threading.Timer(_PATIENCE, os._exit, [code])
        end.daemon = True
        end.start()
        self.exit(return_code=code)

    def _look_for_terminal(self) -> None:
        """Leave when the terminal is gone, though nobody told so (nohup, a multiplexer that was killed)."""
        try:
            termios.tcgetattr(0)
        except (termios.error, OSError):
            self._leave(128 + signal.SIGHUP)

    def _listen(self) -> None:
        """Leave in order, with the terminal as it was, when the process is told to end or its terminal goes."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(_QUESTIONS))
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._leave, 128 + number)
        if not self.is_headless:
            self.set_interval(_LOOKED, self._look_for_terminal)


def _kept_theme() -> str:
    kept = state_file("theme")
    return "" if kept is None else kept.read_text(encoding="utf-8").strip()
