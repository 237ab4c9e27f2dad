"""The recipes that ship, to be written into the editor."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from tui.query import Asked
from tui.recipes import Recipe, bind, listing


class Recipes(ModalScreen[str | None]):
    """All recipes; one is chosen by its name with its parameters, or as the SQL that it stands for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "name", "write its name", priority=True, id="recipes.name"),
        Binding("s", "sql", "write its SQL", id="recipes.sql"),
        Binding("escape,q", "dismiss(None)", "leave", id="recipes.leave"),
    ]
    DEFAULT_CSS = """
    Recipes { align: center middle; }
    Recipes Vertical { width: 80%; max-width: 100; height: 80%; border: round $border; background: $surface; }
    Recipes OptionList, Recipes OptionList:focus { height: 1fr; border: none; }
    Recipes #said { height: auto; max-height: 40%; padding: 0 1; background: $panel; color: $foreground; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._known = listing()

    def compose(self) -> ComposeResult:
        """The names, what the marked one does, and the keys."""
        with Vertical():
            yield OptionList(*(Option(Text(f"@{recipe.file.name}")) for recipe in self._known))
            yield Static(markup=False, id="said")
            yield Footer()

    def on_option_list_option_highlighted(self) -> None:
        """Say what the marked one does."""
        if (recipe := self._marked) is not None:
            self.query_one("#said", Static).update(recipe.text())

    def on_option_list_option_selected(self) -> None:
        """Take the one that was clicked."""
        self.action_name()

    def action_name(self) -> None:
        """Take it by its name, with the parameters that have a value."""
        if (recipe := self._marked) is not None:
            params = [f"{param.name}={param.default or ''}" for param in recipe.file.params if param.default != "NULL"]
            self.dismiss(" ".join([f"@{recipe.file.name}", *params]))

    def action_sql(self) -> None:
        """Take its SQL, with the values of its parameters written out."""
        if (recipe := self._marked) is not None:
            given = {param.name: "" for param in recipe.file.params if param.default is None}
            self.dismiss(Asked(recipe.file.statement, bind(recipe.file, given)).sql)

    @property
    def _marked(self) -> Recipe | None:
        place = self.query_one(OptionList).highlighted
        return self._known[place] if place is not None else None
