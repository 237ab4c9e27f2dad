from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
import zstandard

from catalog.errors import InputError
from catalog.ingest import archives

NAMES = ["deep/folder/a b.png", "deep/'quoted\" name.png", "line\nbreak.png", "größe-肺.jpg", "x" * 140 + ".png"]


def tar_bytes(count: int = 5) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(_folder("deep"))
        for place, name in enumerate(NAMES[:count]):
            info = tarfile.TarInfo(name)
            info.size = 3000 + place
            tar.addfile(info, io.BytesIO(bytes([place]) * info.size))
    return raw.getvalue()


def _folder(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type = tarfile.DIRTYPE
    return info


def kept(path: Path) -> tuple[list[str], InputError]:
    names: list[str] = []
    found = (names.append(member.name) for member in archives.members(path))
    with pytest.raises(InputError) as caught:
        list(found)
    return names, caught.value


def test_a_plain_tar_says_where_each_file_begins(tmp_path: Path) -> None:
    path = tmp_path / "shard.tar"
    path.write_bytes(tar_bytes())
    found = list(archives.members(path))
    assert [member.name for member in found] == NAMES
    raw = path.read_bytes()
    for place, member in enumerate(found):
        assert member.offset is not None
        assert raw[member.offset : member.offset + member.size] == bytes([place]) * (3000 + place)


def test_a_compressed_tar_of_several_frames_is_read_to_its_end(tmp_path: Path) -> None:
    path, raw = tmp_path / "shard.tar.zst", tar_bytes()
    path.write_bytes(zstandard.compress(raw[:7000]) + zstandard.compress(raw[7000:]))
    found = list(archives.members(path))
    assert [(member.name, member.data) for member in found] == [
        (name, bytes([place]) * (3000 + place)) for place, name in enumerate(NAMES)
    ]


@pytest.mark.parametrize("end", [6_000, 8_192 + 512, 8_704 + 300])
def test_what_came_before_the_break_of_a_plain_tar_is_kept(tmp_path: Path, end: int) -> None:
    path = tmp_path / "shard.tar"
    path.write_bytes(tar_bytes()[:end])
    names, error = kept(path)
    assert names == [member for member in NAMES if member in names]
    assert 1 <= len(names) < len(NAMES)
    assert error.kind == "truncated"
    assert "shard.tar" in str(error)
    assert f"'{names[-1]}' is kept" in str(error)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_what_came_before_the_break_of_a_compressed_tar_is_kept(tmp_path: Path, share: float) -> None:
    import random

    raw = io.BytesIO()
    noise = random.Random(1)  # noqa: S311 - noise that does not compress
    with tarfile.open(fileobj=raw, mode="w") as tar:
        for place in range(60):
            info = tarfile.TarInfo(f"{place}.png")
            info.size = 20_000
            tar.addfile(info, io.BytesIO(noise.randbytes(20_000)))
    whole = zstandard.compress(raw.getvalue())
    path = tmp_path / "shard.tar.zst"
    path.write_bytes(whole[: int(len(whole) * share)])
    names, error = kept(path)
    assert names == [f"{place}.png" for place in range(len(names))]
    assert share * 60 - 10 < len(names) <= share * 60
    assert error.kind == "truncated"
    assert "byte" in str(error)


def test_a_tar_cut_between_two_members_is_still_called_broken(tmp_path: Path) -> None:
    path = tmp_path / "shard.tar"
    second = tar_bytes(2).index(NAMES[1].encode())
    path.write_bytes(tar_bytes(2)[:second])
    names, error = kept(path)
    assert names == NAMES[:1]
    assert "end-of-archive" in str(error)


def test_a_bit_flip_in_a_header_ends_the_reading_with_an_error(tmp_path: Path) -> None:
    path, raw = tmp_path / "shard.tar", bytearray(tar_bytes(3))
    raw[raw.index(NAMES[2].encode())] ^= 0xFF
    path.write_bytes(raw)
    names, error = kept(path)
    assert names == NAMES[:2]
    assert error.kind == "truncated"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "pointer"),
        (b"no tar" * 200, "archive"),
    ],
)
@pytest.mark.parametrize("suffix", [".tar", ".tar.zst"])
def test_what_is_no_archive_says_so(tmp_path: Path, content: bytes, kind: str, suffix: str) -> None:
    path = tmp_path / f"shard{suffix}"
    path.write_bytes(content)
    names, error = kept(path)
    assert names == []
    assert error.kind == kind
