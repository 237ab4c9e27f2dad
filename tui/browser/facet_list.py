"""The facets on the screen: values under the names of their flags, chosen by a key or a click, searched by typing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.browser.asking import Asking
from tui.browser.said import Said
from tui.browser.sections import (
    COVERAGE,
    OF_IMAGES,
    OF_REGIONS,
    Section,
    Value,
    of_marks,
    of_slice,
)
from tui.cells import visible

if TYPE_CHECKING:
    from catalog.api import Lake
    from catalog.slices.view import View

MOST = 8
"""Values of a section that are listed while it is not unfolded or searched; those that are chosen always are."""
_WIDE, _BAR = 14, 6
_WAITING = "counting …"


class FacetList(OptionList):
    """The values."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "choose", id="facets.choose"),
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "first", show=False),
        Binding("G", "last", show=False),
    ]


class Facets(Vertical):
    """Sections of values with counts and bars, and a line to search them by."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search values", priority=True, key_display="/", id="facets.search"),
        Binding("escape", "forget", "end search", show=False, id="facets.forget"),
    ]
    DEFAULT_CSS = """
    Facets FacetList { height: 1fr; border: none; padding: 0; background: $surface; }
    Facets Input { display: none; border: none; height: 1; padding: 0; background: $panel; }
    Facets Input.-open { display: block; }
    """

    class Chose(Message):
        """A value was chosen, or is no longer."""

        def __init__(self, value: Value) -> None:
            super().__init__()
            self.value = value

    def __init__(self, asking: Asking) -> None:
        super().__init__()
        self._asking = asking
        self._sections: dict[str, Section | None] = dict.fromkeys((*OF_IMAGES, *OF_REGIONS, COVERAGE))
        self._values: dict[str, Value] = {}
        self._unfolded: set[str] = set()
        self._trouble: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """The values and the line below them."""
        yield FacetList()
        yield Input(placeholder="search values", select_on_focus=False, compact=True)

    def on_mount(self) -> None:
        """Begin with names alone."""
        self._list()

    def show(self, sections: Iterable[Section]) -> None:
        """Show other values of some sections; the cursor stays where it is."""
        for section in sections:
            self._sections[section.name] = section
            self._trouble.pop(section.name, None)
        self._list()

    def blank(self) -> None:
        """Show no counts: old ones are never shown beside a new slice."""
        self._sections = dict.fromkeys(self._sections)
        self._trouble = {}
        self._list()

    def count(self, lake: Lake, said: Said, view: View | None = None) -> None:
        """Count the values of a slice, those of a plain one that look at images first; a view may tell its images."""
        self._ask("counting values", lambda: of_slice(lake, said, view), then=lambda: self._count_rest(lake, said))

    def _count_rest(self, lake: Lake, said: Said) -> None:
        if COVERAGE not in self.counted:
            self._ask("counting regions", lambda: of_marks(lake, said))

    @property
    def counted(self) -> set[str]:
        """The sections whose values have been counted."""
        return {name for name, section in self._sections.items() if section is not None}

    @property
    def values(self) -> list[Value]:
        """All values that have been counted."""
        return [value for section in self._sections.values() if section for value in section.values]

    def stopped(self) -> None:
        """Say which sections will not be counted."""
        self._refuse("stopped")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key means an action here: / is a letter in the line."""
        return action != "search" or not isinstance(self.screen.focused, Input)

    def action_search(self) -> None:
        """Type a part of a value."""
        line = self.query_one(Input)
        line.add_class("-open")
        self.screen.set_focus(line)

    def action_forget(self) -> None:
        """Show all values again."""
        line = self.query_one(Input)
        line.remove_class("-open")
        line.value = ""
        self.screen.set_focus(self.query_one(FacetList))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrow the values while a person types."""
        event.stop()
        self._list()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the values that were found."""
        event.stop()
        values = self.query_one(FacetList)
        self.screen.set_focus(values)
        values.action_first()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pass on what was chosen, or unfold a section."""
        event.stop()
        key = event.option_id or ""
        if key in self._values:
            self.post_message(self.Chose(self._values[key]))
        elif key in self._sections:
            self._unfolded ^= {key}
            self._list()

    def _ask(
        self, what: str, question: Callable[[], list[Section]], *, then: Callable[[], object] = lambda: None
    ) -> None:
        def answer(sections: list[Section]) -> None:
            self.show(sections)
            then()

        self._asking.ask(self, what, question, answer, refused=self._refuse)

    def _refuse(self, trouble: str) -> None:
        self._trouble |= {name: trouble for name, section in self._sections.items() if section is None}
        self._list()

    def _list(self) -> None:
        values = self.query_one(FacetList)
        place = values.highlighted
        options = list(self._options(self.query_one(Input).value.strip().lower()))
        values.clear_options()
        values.add_options(options)
        values.highlighted = min(place, len(options) - 1) if place is not None and options else None

    def _options(self, searched: str) -> Iterable[Option]:
        self._values = {}
        for name, section in self._sections.items():
            found = [value for value in section.values if searched in value.shown.lower()] if section else []
            if searched and not found:
                continue
            whole = bool(searched) or name in self._unfolded
            shown = found if whole else [value for at, value in enumerate(found) if at < MOST or value.chosen]
            yield Option(self._title(name, section, hidden=len(found) - len(shown)), id=name)
            for value in shown:
                key = f"{value.flag}={value.word}"
                self._values[key] = value
                yield Option(_prompt(value), id=key)

    def _title(self, name: str, section: Section | None, *, hidden: int) -> Text:
        state = self._trouble.get(name) or (_WAITING if section is None else _more(section, hidden))
        fold = "▾" if name in self._unfolded or not hidden else "▸"
        return Text.assemble((f"{fold} {name.replace('_', ' ').upper()}", "bold"), (f"  {state}", ""), no_wrap=True)


def _more(section: Section, hidden: int) -> str:
    """What the values below a title do not say."""
    parts = (f"+{hidden:,} more" if hidden else "", f"{section.without:,} without" if section.without else "")
    return ", ".join(part for part in parts if part)


def _prompt(value: Value) -> Text:
    mark = "[x]" if value.chosen else "[ ]"
    bar = "▇" * round(_BAR * value.share) or ("▏" if value.count else "")
    return Text(f"{mark} {_fitted(visible(value.shown))} {value.count:>10,} {bar}", no_wrap=True)


def _fitted(name: str) -> str:
    return set_cell_size(name, _WIDE) if cell_len(name) <= _WIDE else f"{set_cell_size(name, _WIDE - 1)}…"
