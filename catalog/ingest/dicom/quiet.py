"""pydicom without its voice: what it would say about a header may hold identifiers, and ours is said in failures."""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from catalog.errors import MissingExtraError

_UNREADABLE: tuple[type[Exception], ...] = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
)


def unreadable() -> tuple[type[Exception], ...]:
    """What pydicom and its decoders raise on a damaged file."""
    from pydicom.errors import BytesLengthException, InvalidDicomError

    return (BytesLengthException, InvalidDicomError, *_UNREADABLE)


@contextmanager
def pydicom_quiet() -> Iterator[None]:
    """Silence pydicom's warnings, log and value checks inside the block, and only there.

    Raises:
        MissingExtraError: pydicom is not installed.
    """
    try:
        from pydicom import config
    except ImportError as error:
        raise MissingExtraError("pydicom", extra="medical") from error
    logger = logging.getLogger("pydicom")
    disabled, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings(), config.disable_value_validation():
            warnings.filterwarnings("ignore", module=r"pydicom(\.|$)")
            yield
    finally:
        logger.disabled = disabled
