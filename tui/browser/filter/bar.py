"""The filter bar on the screen: an editable line with completion, its mistakes underlined and told below."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, ClassVar

from rich.highlighter import Highlighter
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Event, Key
from textual.message import Message
from textual.widgets import Input, Static
from textual_autocomplete import AutoComplete, DropdownItem, TargetState

from tui.browser.asking import Asking
from tui.browser.filter.history import History
from tui.browser.filter.line import FLAGS, Pair, Parsed, Trouble, checked, pairs, parsed, words
from tui.browser.said import Said, flags

if TYPE_CHECKING:
    from catalog.api import Lake

_MOST = 200
"""Values that are offered at once."""


class FilterBar(Vertical):
    """The slice as one line of flags."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "back to the table", id="filter.leave"),
        Binding("up,ctrl+up", "recall(1)", "older line", id="filter.older"),
        Binding("ctrl+down", "recall(-1)", "newer line", id="filter.newer"),
    ]
    DEFAULT_CSS = """
    FilterBar { height: auto; background: $surface; }
    FilterBar Input { border: none; height: 1; padding: 0 1; background: $surface; }
    FilterBar Input:focus { background: $boost; }
    FilterBar Static { height: auto; max-height: 3; padding: 0 1; color: $text-error; display: none; }
    FilterBar Static.-open { display: block; }
    """

    class Asked(Message):
        """A line was entered, and means something."""

        def __init__(self, said: Said) -> None:
            super().__init__()
            self.said = said

    class Left(Message):
        """The line was left: entered, or without a change."""

    class Wrong(Message):
        """The line that was entered has a word that the lake does not know; it is marked."""

    def __init__(self, asking: Asking, history: History) -> None:
        super().__init__()
        self._asking, self._history = asking, history
        self._marks = _Marks()
        self._shown = ""
        self._entered: str | None = None
        self._back = 0
        self._values: dict[str, tuple[str, ...]] = {}
        self.lake: Lake | None = None

    def compose(self) -> ComposeResult:
        """The line, its completion, and what is wrong with it."""
        line = Input(
            placeholder="all images; press / and write flags, such as --modality CT --roi-area 0.01:0.1",
            highlighter=self._marks,
            select_on_focus=False,
            compact=True,
        )
        yield line
        yield Static(markup=False)
        yield _Completion(line, self)

    def show(self, said: Said) -> None:
        """Show the line of a slice."""
        self._shown, self._entered = flags(said), None
        with self.prevent(Input.Changed):
            self.line.value = self._shown
        self._tell(())

    @property
    def line(self) -> Input:
        """The line itself."""
        return self.query_one(Input)

    @property
    def trouble(self) -> str:
        """What is wrong with the line; nothing when all is well."""
        return str(self.query_one(Static).content)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look what is wrong, but not with the word that is being typed."""
        event.stop()
        found = parsed(event.value).troubles
        self._tell(tuple(trouble for trouble in found if trouble.end < len(event.value)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Ask for the slice, if the line means one."""
        event.stop()
        line, lake = parsed(event.value), self.lake
        if line.troubles or lake is None:
            self._tell(line.troubles)
            return
        self._entered = event.value
        self.post_message(self.Left())  # keys that are pressed from now on mean the rows
        self._asking.ask(self, "checking the line", lambda: checked(lake, line), self._enter)

    def action_leave(self) -> None:
        """Forget what was typed."""
        self.line.value = self._shown
        self._tell(())
        self.post_message(self.Left())

    def action_recall(self, steps: int) -> None:
        """Show an older line, or a newer one."""
        lines = self._history.lines
        self._back = max(0, min(len(lines), self._back + steps))
        self.line.value = lines[self._back - 1] if self._back else self._shown
        self.line.cursor_position = len(self.line.value)

    def candidates(self, state: TargetState) -> list[DropdownItem]:
        """What may be written at the cursor."""
        if not self.line.has_focus:
            return []
        if not state.text:
            return [DropdownItem(line, prefix="↶ ") for line in self._history.lines[:12]]
        pair = _pair_at(state)
        if pair is None or pair.flag.text not in FLAGS or state.cursor_position <= pair.flag.end:
            return [DropdownItem(flag) for flag in FLAGS]
        return [DropdownItem(value) for value in self._values_of(FLAGS[pair.flag.text])[:_MOST]]

    def _values_of(self, flag: str) -> tuple[str, ...]:
        lake = self.lake
        if flag not in self._values and lake is not None:
            from tui.browser.filter.values import values_of

            self._values[flag] = ()
            self._asking.ask(
                self, f"reading values of {flag}", lambda: values_of(lake, flag), lambda found: self._know(flag, found)
            )
        return self._values.get(flag, ())

    def _know(self, flag: str, values: tuple[str, ...]) -> None:
        self._values[flag] = values
        self.query_one(_Completion).look_again()

    def _enter(self, line: Parsed) -> None:
        if self._entered is None:  # another slice has been shown meanwhile
            return
        self._tell(line.troubles)
        if line.troubles:
            self.post_message(self.Wrong())
            return
        self._history.add(self._entered)
        self._back = 0
        self.post_message(self.Asked(line.said))

    def _tell(self, troubles: tuple[Trouble, ...]) -> None:
        self._marks.troubles = troubles
        said = self.query_one(Static)
        said.update("\n".join(trouble.message for trouble in troubles[:3]))
        said.set_class(bool(troubles), "-open")
        self.line.refresh()


class _Marks(Highlighter):
    """Underlines what is wrong."""

    def __init__(self) -> None:
        self.troubles: tuple[Trouble, ...] = ()

    def highlight(self, text: Text) -> None:
        for trouble in self.troubles:
            text.stylize("underline bold", trouble.start, trouble.end)


class _Completion(AutoComplete):
    """Completes the word at the cursor: tab takes what is offered, enter only what was gone to with the arrows."""

    def __init__(self, target: Input, bar: FilterBar) -> None:
        super().__init__(target, bar.candidates)
        self._gone_to = False

    def _listen_to_messages(self, event: Event) -> None:
        if isinstance(event, Key) and event.key == "enter" and not self._gone_to:
            self.action_hide()
            return
        self._gone_to = isinstance(event, Key) and (event.key in ("up", "down") or self._gone_to)
        super()._listen_to_messages(event)

    def look_again(self) -> None:
        """Offer what has been read meanwhile."""
        if self.target.has_focus:
            self._handle_target_update()

    def get_search_string(self, target_state: TargetState) -> str:
        begun = [
            word
            for word in words(target_state.text[: target_state.cursor_position])
            if word.end == target_state.cursor_position
        ]
        return begun[-1].text.rpartition("=")[2] if begun else ""

    def should_show_dropdown(self, search_string: str) -> bool:
        options = self.option_list
        known = {str(options.get_option_at_index(place).prompt) for place in range(options.option_count)}
        state = self._get_target_state()
        waiting = _pair_at(state) is not None and state.text.endswith(" ")
        return bool(known) and search_string not in known and bool(search_string or waiting)

    def apply_completion(self, value: str, state: TargetState) -> None:
        if not state.text:
            self.target.value = value
        else:
            start = state.cursor_position - _begun(state)
            rest = state.text[state.cursor_position :].lstrip()
            done = f"{state.text[:start]}{shlex.quote(value)} "
            self.target.value = done + rest
            self.target.cursor_position = len(done)
        self._align_and_rebuild()


def _begun(state: TargetState) -> int:
    """Characters of the word that ends at the cursor."""
    before = state.text[: state.cursor_position]
    found = [word for word in words(before) if word.end == len(before)]
    if not found:
        return 0
    name, equals, _ = found[-1].text.partition("=")
    return len(before) - found[-1].start - (len(name) + 1 if equals and name in FLAGS else 0)


def _pair_at(state: TargetState) -> Pair | None:
    """The flag whose value stands at the cursor, or is to be written there."""
    found = pairs(state.text[: state.cursor_position])
    if not found:
        return None
    last = found[-1]
    done = last.value is not None and last.value.end < state.cursor_position
    return None if done else last
