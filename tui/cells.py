"""Values of Arrow columns as JSON, CSV and tables write them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def rows(batch: pa.RecordBatch, json_columns: Sequence[int] = ()) -> list[tuple[Any, ...]]:
    """The rows of a batch in values that JSON has; ``json_columns`` are the positions of columns of JSON text."""
    return list(zip(*(_values(column, i in json_columns) for i, column in enumerate(batch.columns)), strict=True))


def plain(value: Any) -> Any:
    """A value as JSON has it: NaN and infinities are null, times are ISO 8601, bytes are hexadecimal.

    >>> plain([float("nan"), Decimal("1.5")])
    [None, 1.5]
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, str | int) or value is None:
        return value
    return _scalar(value)


def text(value: Any) -> str:
    """A value as one line of a table or a CSV cell shows it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def visible(value: str) -> str:
    r"""Text with control and invisible characters escaped, so that data cannot move the cursor.

    >>> visible("a\x1b[31m")
    'a\\x1b[31m'
    """
    if value.isprintable():
        return value
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in value)


def _values(column: pa.Array, is_json: bool) -> list[Any]:
    import pyarrow as pa

    kind = column.type
    if column.null_count == len(column):
        return [None] * len(column)
    if pa.types.is_string(kind):
        texts = _objects(column)
        return _each(texts, _parsed) if is_json else texts
    if pa.types.is_boolean(kind) or (pa.types.is_integer(kind) and column.null_count == 0):
        return _objects(column)
    if pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        encoded = column.dictionary_encode()  # few values fill such a column, and each takes long to convert
        words = _each(_listed(encoded.dictionary), plain)
        return [None if i is None else words[i] for i in encoded.indices.to_pylist()]
    return _each(_listed(column), _from_map if pa.types.is_map(kind) else plain)


def _objects(column: pa.Array) -> list[Any]:
    values: list[Any] = column.to_numpy(zero_copy_only=False).tolist()
    return values


def _each(values: list[Any], convert: Callable[[Any], Any]) -> list[Any]:
    return [None if value is None else convert(value) for value in values]


def _listed(column: pa.Array) -> list[Any]:
    """The column as Python values; what Python's own types cannot hold (years beyond 9999, nanoseconds) as text."""
    import pyarrow as pa

    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError):
        values = column.cast(pa.string()).to_pylist()
    return values


def _from_map(value: Any) -> Any:
    return plain(dict(value))


def _parsed(value: str) -> Any:
    return plain(json.loads(value))


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return str(value)
