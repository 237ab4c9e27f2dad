"""Deflated data sets, inflated within a bound."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

from catalog.errors import InputError

MOST = 1 << 30
_BLOCK = 1 << 20


def inflate(path: str, start: int, *, most: int = MOST) -> io.BytesIO:
    """The data set that lies deflated in the file at ``path`` from byte ``start``.

    Raises:
        InputError: It inflates to more than ``most`` bytes, or ends too soon.
    """
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = io.BytesIO()
    with Path(path).open("rb") as file:
        file.seek(start)
        while not engine.eof and (block := engine.unconsumed_tail or file.read(_BLOCK)):
            inflated.write(engine.decompress(block, _BLOCK))
            if inflated.tell() > most:
                raise InputError(f"the file inflates to more than {most} bytes; it is not taken", kind="too-large")
    if not engine.eof:
        raise InputError("the file ends inside its deflated data set; fetch it again", kind="truncated")
    return inflated
