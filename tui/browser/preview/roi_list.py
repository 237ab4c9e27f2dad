"""The regions of an image, a line each; a click chooses one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.browser.preview.words import roi_line


class RoiList(OptionList, can_focus=False):
    """Lines of regions. It shows which one is chosen, and leaves choosing to whoever listens."""

    DEFAULT_CSS = """
    RoiList, RoiList:focus { height: auto; max-height: 11; border: none; padding: 0; background: $surface; }
    RoiList > .option-list--option { padding: 0; }
    RoiList > .option-list--option-highlighted { background: $surface; color: $foreground; text-style: none; }
    """

    class Chose(Message):
        """A region was clicked."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rois: Sequence[Mapping[str, Any]] = ()
        self._chosen: int | None = None

    def show(
        self, rois: Sequence[Mapping[str, Any]], chosen: int | None, *, notes: Mapping[int, str] | None = None
    ) -> None:
        """Show regions, one of them chosen, and at some places a note."""
        if rois is not self._rois:
            self._rois = rois
            self.clear_options()
            lines = (roi_line(at, roi, chosen=at == chosen, note=(notes or {}).get(at)) for at, roi in enumerate(rois))
            self.add_options(Option(line) for line in lines)
        else:
            for at in (at for at in (self._chosen, chosen) if at is not None):
                self.replace_option_prompt_at_index(at, roi_line(at, rois[at], chosen=at == chosen))
        self._chosen = chosen
        self.highlighted = chosen

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pass on which line was clicked."""
        event.stop()
        self.post_message(self.Chose(event.option_index))
