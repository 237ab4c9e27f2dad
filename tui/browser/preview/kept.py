"""Things that were made lately, up to a number and an amount of memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class Kept(Generic[Key, Made]):
    """The last things by their keys; the one that was not asked for the longest goes first. For any thread."""

    def __init__(self, *, most: int, most_bytes: int, weigh: Callable[[Made], int]) -> None:
        self._most, self._most_bytes, self._weigh = most, most_bytes, weigh
        self._made: OrderedDict[Key, Made] = OrderedDict()
        self._turn = threading.Lock()
        self.bytes = 0
        """What all of them take."""

    def __len__(self) -> int:
        return len(self._made)

    def get(self, key: Key) -> Made | None:
        """What was made, if it is still there."""
        with self._turn:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def put(self, key: Key, made: Made) -> None:
        """Keep something; what is too large for all of the room is not kept."""
        with self._turn:
            self._drop(key)
            if self._weigh(made) > self._most_bytes:
                return
            self._made[key] = made
            self.bytes += self._weigh(made)
            while len(self._made) > self._most or self.bytes > self._most_bytes:
                self._drop(next(iter(self._made)))

    def clear(self) -> None:
        """Forget everything."""
        with self._turn:
            self._made.clear()
            self.bytes = 0

    def _drop(self, key: Key) -> None:
        if key in self._made:
            self.bytes -= self._weigh(self._made.pop(key))
