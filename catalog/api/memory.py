"""Amounts of memory."""

from __future__ import annotations

import re

from catalog.errors import UsageError

LEAST = 64_000_000
"""Bytes; with less the lake cannot be opened."""
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(I?)B?", re.IGNORECASE)
_POWERS = ("", "K", "M", "G", "T")


def checked(amount: str) -> str:
    """An amount of memory that a lake can work with, as it was given.

    Raises:
        UsageError: It is no amount, or too little.
    """
    found = _AMOUNT.fullmatch(amount.strip())
    if found is None:
        raise UsageError(f"'{amount}' is no amount of memory; write something like 2GB")
    number, power, binary = found.groups()
    if float(number) * (1024 if binary else 1000) ** _POWERS.index(power.upper()) < LEAST:
        raise UsageError(f"'{amount}' is too little memory for a lake; give at least 64MB, such as 2GB")
    return amount
