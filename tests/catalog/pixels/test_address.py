from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InputError
from catalog.pixels import address
from catalog.pixels.address import Address

NAMES = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1),
    st.sampled_from(['a b\'s "c".png', "line\nbreak!.jpg", "x#1,2!y", "Schädel/頭部.png", "50%21", "\udcff"]),
)
COUNTS = st.integers(min_value=0, max_value=2**63)


@given(path=NAMES, member=NAMES, offset=COUNTS, size=COUNTS)
def test_a_tar_address_says_what_it_was_made_from(path: str, member: str, offset: int, size: int) -> None:
    parsed = address.parse(address.tar_member(f"/{path}", member, offset, size))
    assert parsed == Address("tar", f"/{path}", member=member, offset=offset, size=size)


@given(path=NAMES, member=NAMES)
def test_a_compressed_tar_address_says_what_it_was_made_from(path: str, member: str) -> None:
    assert address.parse(address.tarzst_member(path, member)) == Address("tarzst", path, member=member)


@given(path=NAMES, row=COUNTS)
def test_a_parquet_address_says_what_it_was_made_from(path: str, row: int) -> None:
    assert address.parse(address.parquet_row(path, row)) == Address("parquet", path, row=row)


@given(path=NAMES)
def test_a_plain_path_stands_for_itself(path: str) -> None:
    assert address.parse(f"/{path}") == Address("file", f"/{path}")


def test_a_lance_address_holds_its_digest() -> None:
    assert address.parse(address.lance("ab" * 32)) == Address("lance", None, key="ab" * 32)


def test_hidden_components_stay_readable_in_an_address() -> None:
    hidden = "/data/~0123456789abcdef0123456789abcdef/a.tar"
    assert hidden in address.tarzst_member(hidden, "a.png")


@pytest.mark.parametrize(
    "uri", ["", "\0", "tar:/a.tar!b.png", "tar:/a.tar#1,2", "tarzst:/a.tar.zst", "parquet:/a!x", "lance:xyz"]
)
def test_a_malformed_address_is_refused_with_its_value(uri: str) -> None:
    with pytest.raises(InputError, match="pixel address") as caught:
        address.parse(uri)
    assert caught.value.kind == "address"
