"""Looks at the jobs of a lake once in a while, in a thread."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from tui.jobs import Job

if TYPE_CHECKING:
    from textual.dom import DOMNode

EVERY = 0.7
"""Seconds between two looks."""


class Polling:
    """Calls ``look`` in a thread and ``show`` with what it found; one look at a time."""

    def __init__(
        self, by: DOMNode, look: Callable[[], Sequence[Job]], show: Callable[[Sequence[Job]], Awaitable[None]]
    ) -> None:
        self._by, self._look, self._show = by, look, show
        self._busy = False

    def begin(self) -> None:
        """Look now, and from now on."""
        self._by.set_interval(EVERY, self.again)
        self.again()

    def again(self) -> None:
        """Look now, unless a look is under way."""
        if not self._busy:
            self._busy = True
            self._by.run_worker(self._work, thread=True, group="jobs", exit_on_error=False)

    def _work(self) -> None:
        try:
            found: Sequence[Job] | None = self._look()
        except OSError:  # the state folder is gone for the moment
            found = None
        self._by.app.call_later(self._done, found)

    async def _done(self, found: Sequence[Job] | None) -> None:
        self._busy = False
        if found is not None and self._by.is_attached:
            await self._show(found)
