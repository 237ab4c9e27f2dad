"""One image: its picture with its regions, and the same in words."""

from tui.browser.preview.pane import Preview

__all__ = ["Preview"]
