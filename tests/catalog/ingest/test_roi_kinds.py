from __future__ import annotations

import pytest

from catalog.ingest.roi_kinds import kind_of


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("nodule", "lesion"),
        ("Lung_Nodules", "lesion"),
        ("LiverTumour", "lesion"),
        ("breast-masses", "lesion"),
        ("polyp 3", "lesion"),
        ("GLIOBLASTOMA", "lesion"),
        ("pneumothorax", "lesion"),
        ("renal cell carcinoma", "lesion"),
        ("lung cancer", "lesion"),
        ("lung", "organ"),
        ("Left Kidney", "organ"),
        ("left_kidney", "organ"),
        ("RightLung", "organ"),
        ("Spleen", "organ"),
        ("cell", "cell"),
        ("nuclei", "cell"),
        ("cancer cells", "cell"),
        ("TumorCells", "cell"),
        ("white blood cell", "cell"),
        ("cell wall", "cell"),
        ("Pacemaker", "device"),
        ("chest tubes", "device"),
        ("guide-wire", "device"),
        ("dog", "other"),
        ("massive", "other"),
        ("cellphone", "other"),
        ("tuberosity", "other"),
        ("mask", "other"),
        ("1", "other"),
        ("größe-肺", "other"),
        ("", "other"),
        (None, "other"),
    ],
)
def test_a_label_tells_what_kind_of_thing_a_region_shows(label: str | None, kind: str) -> None:
    assert kind_of(label) == kind
