"""What licences allow."""

from __future__ import annotations

from collections import defaultdict

import pytest

from catalog.vocabulary import License, license_of
from catalog.vocabulary.matching import key
from catalog.vocabulary.terms import read_rows


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("CC BY 4.0", "CC-BY-4.0"),
        ("cc-by-nc-sa-4.0", "CC-BY-NC-SA-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://www.creativecommons.org/licenses/by-nc/3.0/legalcode", "CC-BY-NC-3.0"),
        ("https://creativecommons.org/licenses/by-sa/4.0/deed.en", "CC-BY-SA-4.0"),
        ("Creative Commons Attribution 4.0 International License", "CC-BY-4.0"),
        ("cc0", "CC0-1.0"),
        ("public domain", "CC-PDM-1.0"),
        ("MIT License", "MIT"),
        ("apache 2.0", "Apache-2.0"),
        ("odbl", "ODbL-1.0"),
        ("odc-by-1.0", "ODC-By-1.0"),
        ("PDDL", "PDDL-1.0"),
        ("CDLA-Permissive-2.0", "CDLA-Permissive-2.0"),
    ],
)
def test_a_known_licence_is_found_by_its_usual_spellings(text: str, spdx: str) -> None:
    assert license_of(text) == License(spdx, True, known=True)


@pytest.mark.parametrize("text", [None, "", "  ", "-"])
def test_no_licence_allows_and_forbids_nothing(text: str | None) -> None:
    assert license_of(text) == License(None, None, known=False)


@pytest.mark.parametrize(
    "text",
    [
        "proprietary",
        "All rights reserved",
        "research only",
        "PhysioNet Credentialed Health Data License 1.5.0",
        "LicenseRef-Our-Hospital",
        "ask the hospital",
        "unknown",
        "CC BY",
    ],
)
def test_what_is_not_known_to_allow_redistribution_does_not(text: str) -> None:
    assert license_of(text).redistributable is False


def test_a_licence_reference_of_the_users_keeps_its_id() -> None:
    assert license_of("LicenseRef-Our-Hospital") == License("LicenseRef-Our-Hospital", False, known=False)
    assert license_of("ask the hospital") == License(None, False, known=False)


def test_a_spelling_belongs_to_one_licence() -> None:
    owners = defaultdict(list)
    for row in read_rows("licenses"):
        for word in (row["spdx"], *row["synonyms"].split("|")):
            owners[key(word)].append(row["spdx"])
    assert {word: names for word, names in owners.items() if word and len(names) > 1} == {}


def test_spdx_ids_are_spelled_as_spdx_spells_them() -> None:
    listed = {entry["id"] for entry in pytest.importorskip("packaging.licenses._spdx").LICENSES.values()}
    ours = {row["spdx"] for row in read_rows("licenses") if not row["spdx"].startswith("LicenseRef-")}
    assert ours - listed == set()


def test_only_references_forbid_redistribution() -> None:
    closed = {row["spdx"] for row in read_rows("licenses") if row["redistributable"] != "true"}
    assert all(spdx.startswith("LicenseRef-") for spdx in closed)
