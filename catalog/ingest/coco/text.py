"""Ids and text of COCO files."""

from __future__ import annotations

from typing import Any


def key_of(value: Any) -> str | None:
    """What an id is known by: 7, 7.0 and "7" are one id. None for what cannot be an id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, int | str) and not isinstance(value, bool) and value != "" else None


def clean(text: str) -> str:
    """Text that can be stored: halves of surrogate pairs become question marks."""
    return text.encode("utf-8", "replace").decode()
