"""One image: its picture with its regions, and the same in words."""

from tui.browser.preview.pane import Preview, bindings

__all__ = ["Preview", "bindings"]
