"""The command palette: every action that can be taken here, with its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.binding import Binding
from textual.dom import DOMNode

if TYPE_CHECKING:
    from textual.app import App
    from textual.screen import Screen

_OURS = "tui."


def commands(app: App[None], screen: Screen[object]) -> Iterator[SystemCommand]:
    """The bindings of the app, of a screen and of what is shown on it, each once."""
    seen: set[str] = set()
    for node in (screen, *_shown(screen), app):
        for binding in _own(node):
            if binding.description not in seen:
                seen.add(binding.description)
                key = app.get_key_display(binding)
                yield SystemCommand(f"{binding.description}  ({key})", _place(node), _action(app, node, binding))


def _shown(screen: Screen[object]) -> Iterator[DOMNode]:
    return (node for node in screen.query("*") if node.display)


def _own(node: DOMNode) -> Iterator[Binding]:
    """What is bound by classes of this project."""
    for kind in type(node).__mro__:
        if kind.__module__.startswith(_OURS):
            for binding in vars(kind).get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id and binding.description:
                    yield binding


def _place(node: DOMNode) -> str:
    return str(node.border_title or "") if hasattr(node, "border_title") else ""


def _action(app: App[None], node: DOMNode, binding: Binding) -> Callable[[], object]:
    return partial(app.call_later, app.run_action, binding.action, node)
