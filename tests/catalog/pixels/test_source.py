from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from catalog.errors import InputError
from catalog.lake.keys import KeyedHash
from catalog.pixels import address
from catalog.pixels.source import PixelSource

KEYS = KeyedHash(b"s" * 32)
ODD_NAME = 'a b\'s "c"\n#1!ü.png'
IMAGES = {f"deep/{number}.png": bytes([number]) * (1000 + number) for number in range(40)}


@pytest.fixture
def source() -> PixelSource:
    return PixelSource(KEYS)


def write_tar(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


@pytest.fixture
def shard(tmp_path: Path) -> Path:
    write_tar(tmp_path / "shard.tar", IMAGES)
    packed = tmp_path / "shard 1.tar.zst"
    packed.write_bytes(zstandard.compress((tmp_path / "shard.tar").read_bytes()))
    return packed


def failure_kind(source: PixelSource, uri: str) -> str:
    with pytest.raises(InputError) as caught:
        source.read(uri)
    assert "\n" not in str(caught.value)
    return caught.value.kind


def test_a_file_with_an_odd_name_is_read_and_found(source: PixelSource, tmp_path: Path) -> None:
    file = tmp_path / ODD_NAME
    file.write_bytes(b"pixels")
    assert source.read(str(file)) == b"pixels"
    assert source.path(str(file)) == file


def test_a_hidden_folder_is_found_and_never_named(source: PixelSource, tmp_path: Path) -> None:
    folder = tmp_path / "DOE^JANE"
    folder.mkdir()
    (folder / "a.png").write_bytes(b"pixels")
    hidden = KEYS.hide(folder / "a.png", ("Doe^Jane",))
    assert "DOE" not in hidden
    assert source.read(hidden) == b"pixels"
    (folder / "a.png").unlink()
    with pytest.raises(InputError) as caught:
        source.read(hidden)
    assert "DOE" not in str(caught.value)
    assert hidden in str(caught.value)


def test_hidden_files_of_one_folder_are_found_also_when_they_come_and_go(source: PixelSource, tmp_path: Path) -> None:
    for number in range(30):
        file = tmp_path / f"doe_{number}.dcm"
        file.write_bytes(bytes([number]))
        hidden = KEYS.hide(file, ("doe",))
        assert source.read(hidden) == bytes([number])
        if number % 2:
            file.unlink()
            assert failure_kind(source, hidden) == "missing"


@pytest.mark.parametrize(
    "spell", [str, lambda path: address.tar_member(path, "m", 0, 9), lambda path: f"parquet:{path}!0"]
)
def test_a_file_that_is_gone_is_missing_and_the_message_says_where_it_was(source: PixelSource, spell) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match="/nowhere/gone") as caught:
        source.read(spell("/nowhere/gone"))
    assert caught.value.kind == "missing"


def test_a_folder_in_place_of_a_file_is_no_bare_os_error(source: PixelSource, tmp_path: Path) -> None:
    assert failure_kind(source, str(tmp_path)) == "unreadable"
    (tmp_path / "file").write_bytes(b"x")
    assert failure_kind(source, str(tmp_path / "file" / "below")) == "unreadable"


def test_a_git_lfs_pointer_is_not_taken_for_an_image(source: PixelSource, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
    assert failure_kind(source, str(tmp_path / "a.png")) == "pointer"


def test_a_tar_member_is_read_at_its_offset(source: PixelSource, tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    write_tar(path, {"first.png": b"1" * 700, ODD_NAME: b"pixels"})
    with tarfile.open(path) as tar:
        info = tar.getmember(ODD_NAME)
    uri = address.tar_member(str(path), info.name, info.offset_data, info.size)
    assert source.read(uri) == b"pixels"
    assert source.path(uri) is None
    path.write_bytes(path.read_bytes()[: info.offset_data + 2])
    assert failure_kind(source, uri) == "truncated"


def test_members_of_a_compressed_tar_are_read_in_any_order(source: PixelSource, shard: Path) -> None:
    for name in ["deep/3.png", "deep/39.png", "deep/0.png", "deep/0.png", "deep/20.png"]:
        assert source.read(address.tarzst_member(str(shard), name)) == IMAGES[name]


def test_a_compressed_tar_read_in_order_is_opened_once(source: PixelSource, shard: Path) -> None:
    first, *rest = IMAGES
    assert source.read(address.tarzst_member(str(shard), first)) == IMAGES[first]
    shard.rename(shard.with_name("moved"))
    for name in rest:
        assert source.read(address.tarzst_member(str(shard), name)) == IMAGES[name]


def test_a_member_that_is_not_in_a_compressed_tar_is_missing(source: PixelSource, shard: Path) -> None:
    assert failure_kind(source, address.tarzst_member(str(shard), "deep/40.png")) == "missing"
    assert source.read(address.tarzst_member(str(shard), "deep/7.png")) == IMAGES["deep/7.png"]


def test_what_lies_before_the_break_of_a_compressed_tar_is_read(source: PixelSource, tmp_path: Path) -> None:
    noise = {name: hashlib.shake_256(name.encode()).digest(50_000) for name in IMAGES}
    write_tar(tmp_path / "a.tar", noise)
    whole = zstandard.compress((tmp_path / "a.tar").read_bytes())
    (tmp_path / "a.tar.zst").write_bytes(whole[: len(whole) // 2])
    torn = str(tmp_path / "a.tar.zst")
    assert source.read(address.tarzst_member(torn, "deep/2.png")) == noise["deep/2.png"]
    assert failure_kind(source, address.tarzst_member(torn, "deep/39.png")) == "truncated"


def test_a_text_file_named_tar_zst_is_a_clear_failure(source: PixelSource, tmp_path: Path) -> None:
    (tmp_path / "a.tar.zst").write_text("not an archive")
    assert failure_kind(source, address.tarzst_member(str(tmp_path / "a.tar.zst"), "x")) == "truncated"


@pytest.mark.parametrize("nested", [True, False])
def test_a_parquet_row_is_read_from_its_row_group(source: PixelSource, tmp_path: Path, nested: bool) -> None:
    data = list(IMAGES.values())
    image = [{"bytes": item, "path": None} for item in data] if nested else data
    pq.write_table(pa.table({"image": image, "id": range(len(data))}), tmp_path / "a.parquet", row_group_size=20)
    for row in [0, 5, 17, 3, 39, 20, 19]:
        assert source.read(address.parquet_row(str(tmp_path / "a.parquet"), row)) == data[row]
    assert failure_kind(source, address.parquet_row(str(tmp_path / "a.parquet"), 40)) == "missing"


def test_a_parquet_row_without_bytes_and_a_file_without_images_say_so(source: PixelSource, tmp_path: Path) -> None:
    empty = pa.array([{"bytes": None, "path": "a.png"}], pa.struct({"bytes": pa.binary(), "path": pa.string()}))
    pq.write_table(pa.table({"image": empty}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"id": ["x"]}), tmp_path / "b.parquet")
    (tmp_path / "c.parquet").write_bytes(b"")
    assert failure_kind(source, address.parquet_row(str(tmp_path / "a.parquet"), 0)) == "missing"
    assert failure_kind(source, address.parquet_row(str(tmp_path / "b.parquet"), 0)) == "missing"
    assert failure_kind(source, address.parquet_row(str(tmp_path / "c.parquet"), 0)) == "unreadable"


def test_pixels_in_a_lake_come_from_that_lake() -> None:
    held = {"ab" * 32: b"pixels"}
    source = PixelSource(KEYS, held.__getitem__)
    assert source.read(address.lance("ab" * 32)) == b"pixels"
    assert failure_kind(source, address.lance("cd" * 32)) == "missing"
    assert failure_kind(PixelSource(KEYS), address.lance("ab" * 32)) == "missing"
