"""Colours of SQL that can be read on the editor's background in every theme of the app."""

from __future__ import annotations

from collections.abc import Mapping

from rich.style import Style
from textual.color import Color
from textual.widgets.text_area import TextAreaTheme

ENOUGH = 4.5
"""Least contrast between letters and what is behind them."""
_STEP = 0.1
_BLACK, _WHITE = Color(0, 0, 0), Color(255, 255, 255)
_OF = {"keyword": "primary", "string": "success", "function": "secondary", "type": "accent", "comment": "foreground"}
_ALSO = {
    "keyword": ("conditional", "keyword.operator", "attribute", "type.qualifier", "storageclass"),
    "string": ("number", "float", "boolean"),
    "function": ("function.call",),
    "type": ("type.builtin", "parameter"),
}


def theme(name: str, variables: Mapping[str, str]) -> TextAreaTheme:
    """A theme for SQL from the variables of the app's theme; where the terminal chooses the colours, one without."""
    background = Color.parse(variables["surface"])
    styles: dict[str, Style] = {}
    for part, variable in _OF.items():
        given = Color.parse(variables[variable])
        colour = readable(given, background).rich_color if background.ansi is None and given.ansi is None else None
        style = Style(color=colour, bold=part == "keyword", italic=part == "comment")
        styles.update(dict.fromkeys((part, *_ALSO.get(part, ())), style))
    return TextAreaTheme(name=name, syntax_styles=styles)


def readable(colour: Color, background: Color) -> Color:
    """A colour, moved towards black or white until it contrasts enough with the background."""
    end = max((_BLACK, _WHITE), key=lambda extreme: contrast(extreme, background))
    steps = (colour.blend(end, step * _STEP) for step in range(int(1 / _STEP)))
    return next((found for found in steps if contrast(found, background) >= ENOUGH), end)


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
