"""Keyed hashes: identifiers of patients, studies and files become keys that mean nothing outside their lake."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_HASHED = re.compile(r"~[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """Hashes identifiers with the secret of one lake (BLAKE2b, keyed, 128 bits, hex)."""

    secret: bytes

    def __call__(self, *parts: object) -> str:
        """The key of an identifier; parts are kept apart, so ("a", "bc") and ("ab", "c") differ."""
        return _framed(hashlib.blake2b(key=self.secret, digest_size=16), parts)

    def or_none(self, value: object) -> str | None:
        """The key of an identifier, or None where the input has none."""
        text = str(value).strip() if value is not None else ""
        return self(text) if text else None

    def hide(self, path: Path, identifiers: tuple[str, ...]) -> str:
        """``path`` with every component that spells one of ``identifiers`` replaced by ``~`` and its key."""
        needles = [needle for needle in map(_letters, identifiers) if len(needle) >= 3]
        return str(Path(*[self._hide_one(part, needles) for part in path.parts]))

    def find(self, path: str) -> Path:
        """The file behind a path that ``hide`` has written, by hashing the names in the folder.

        Raises:
            FileNotFoundError: No entry of the folder has that key.
        """
        found = Path()
        for part in Path(path).parts:
            found = self._entry(found, part) if _HASHED.fullmatch(part) else found / part
        return found

    def _hide_one(self, part: str, needles: list[str]) -> str:
        return f"~{self(part)}" if any(needle in _letters(part) for needle in needles) else part

    def _entry(self, folder: Path, hashed: str) -> Path:
        changed = folder.stat().st_mtime_ns
        # A file that came within a tick of the clock is not in the index of that tick: hence the second look.
        name = _index(self, folder, changed).get(hashed) or _index.__wrapped__(self, folder, changed).get(hashed)
        if name is not None:
            return folder / name
        raise FileNotFoundError(f"no entry of '{folder}' has the key {hashed}; was it moved?")


@lru_cache(maxsize=8)
def _index(keys: KeyedHash, folder: Path, changed: int) -> dict[str, str]:
    """Hidden name to name, of a folder last changed then: without it each look-up would hash the whole folder."""
    return {f"~{keys(entry.name)}": entry.name for entry in folder.iterdir()}


def new_secret() -> bytes:
    """A fresh secret for a lake."""
    return secrets.token_bytes(32)


def digest(*parts: object) -> str:
    """An unkeyed digest of ``parts`` (BLAKE2b, 128 bits, hex), for ids of things that identify nobody."""
    return _framed(hashlib.blake2b(digest_size=16), parts)


def _framed(state: hashlib.blake2b, parts: tuple[object, ...]) -> str:
    for part in parts:
        raw = str(part).encode("utf-8", "surrogateescape")
        state.update(len(raw).to_bytes(8, "little"))
        state.update(raw)
    return state.hexdigest()


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
