"""Says which moment a person means by an age or a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from catalog.errors import UsageError

_AGE = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def moment(said: str | timedelta | datetime, *, now: datetime) -> datetime:
    """The moment that an age (``7d``, ``12h``, ``30m``) or an ISO date and time means; without a zone it is UTC.

    Raises:
        UsageError: It is neither, or it lies in the future.

    >>> moment("12h", now=datetime(2026, 1, 2, tzinfo=UTC)).isoformat()
    '2026-01-01T12:00:00+00:00'
    """
    meant = _moment(said, now)
    if meant > now:
        raise UsageError(f"'{said}' lies in the future; give an age such as 7d, or a date that has passed")
    return meant


def _moment(said: str | timedelta | datetime, now: datetime) -> datetime:
    try:
        if isinstance(said, timedelta):
            return now - said
        if isinstance(said, datetime):
            return _zoned(said)
        found = _AGE.fullmatch(said.strip())
        if found is None:
            return _zoned(datetime.fromisoformat(said.strip()))
        return now - timedelta(**{_UNITS[found[2].lower()]: float(found[1])})
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"'{said}' is neither an age nor a date; write something like 7d, 12h, 30m or 2026-01-31T12:00"
        ) from error


def _zoned(when: datetime) -> datetime:
    return when if when.tzinfo else when.replace(tzinfo=UTC)
