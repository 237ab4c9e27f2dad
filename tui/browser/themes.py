"""A dark and a light theme whose texts stand out from what is behind them by 4.5 to 1 and more (WCAG 2, AA)."""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="triptych-dark",
    dark=True,
    primary="#8cc4ff",
    secondary="#b7c9dd",
    accent="#ffd479",
    foreground="#e8eaed",
    background="#101418",
    surface="#161b21",
    panel="#232a33",
    success="#84dba0",
    warning="#ffcf70",
    error="#ff9a90",
    variables={
        "block-cursor-background": "#8cc4ff",
        "block-cursor-foreground": "#0b0f14",
        "block-cursor-blurred-background": "#3b4756",
        "block-cursor-blurred-foreground": "#ffffff",
        "border": "#8cc4ff",
        "border-blurred": "#55616f",
        "footer-key-foreground": "#ffd479",
        "footer-description-foreground": "#e8eaed",
        "input-selection-background": "#2f5f93",
        "text-muted": "#b4bcc6",
        "text-disabled": "#9aa4af",
    },
)
LIGHT = Theme(
    name="triptych-light",
    dark=False,
    primary="#0b5cab",
    secondary="#3d5266",
    accent="#8a4b00",
    foreground="#15191e",
    background="#ffffff",
    surface="#fafbfc",
    panel="#e7ecf1",
    success="#136b36",
    warning="#7a4a00",
    error="#a8161a",
    variables={
        "block-cursor-background": "#0b5cab",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-blurred-background": "#c5d3e2",
        "block-cursor-blurred-foreground": "#0b0f14",
        "border": "#0b5cab",
        "border-blurred": "#8b97a5",
        "footer-key-foreground": "#7a4300",
        "footer-description-foreground": "#15191e",
        "input-selection-background": "#b9d6f5",
        "text-muted": "#4a5561",
        "text-disabled": "#59636e",
    },
)
