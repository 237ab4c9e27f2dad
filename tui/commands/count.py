"""``triptych count``."""

from __future__ import annotations

from tui.ambient import Ambient
from tui.slice_flags import NOTHING, Slice


def count(said: Slice = NOTHING, *, session: Ambient) -> int:
    """Print how many images a slice holds.

    Example: triptych count --modality CT --roi-area 0.005:0.05
    """
    with session.lake() as lake:
        print(lake.slice(**said.said()).count())
    return 0
