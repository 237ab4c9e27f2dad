"""The sentence that the catalog's own columns make."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from catalog.errors import InputError
from generators.captions.coarse import CoarseCaption
from tests.generators.making import Shown

NOTHING: dict[str, Any] = {
    "modality": None,
    "region": None,
    "organs": [],
    "diseases": [],
    "view": None,
    "laterality": None,
}


def said(**known: Any) -> str:
    """The sentence for an image of which some columns are known."""
    generator = CoarseCaption()
    item = Shown(np.zeros((1, 1), np.uint8), {**NOTHING, **known})
    ((text,),) = generator.generate([generator.prepare(item)])
    return text.text


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        ({"modality": "CT"}, "A CT image."),
        ({"modality": "MRI", "organs": ["brain"]}, "An MRI image of the brain."),
        ({"modality": "X-Ray", "region": "thorax", "view": "PA"}, "An X-Ray image of the thorax in PA view."),
        ({"modality": "Ultrasound", "region": "other"}, "An Ultrasound image."),
        ({"modality": "Fundus Photography"}, "A Fundus Photography image."),
        ({"modality": "endoscopy"}, "An endoscopy image."),
        ({"modality": "US"}, "A US image."),
        ({"modality": "Other", "organs": ["skin"]}, "A medical image of the skin."),
        (
            {"organs": ["liver", "spleen"], "diseases": ["cyst"]},
            "A medical image of the liver and spleen showing cyst.",
        ),
        ({"diseases": ["a", "b", "c"]}, "A medical image showing a, b and c."),
        ({"modality": "CT", "organs": ["kidney"], "laterality": "L"}, "A CT image of the kidney (left)."),
        ({"modality": "CT", "view": "AXIAL"}, "A CT image in axial view."),
    ],
)
def test_a_sentence_says_what_is_known(known: dict[str, Any], sentence: str) -> None:
    assert said(**known) == sentence


def test_an_image_of_which_nothing_is_known_has_no_sentence() -> None:
    with pytest.raises(InputError, match="neither modality nor organ nor disease is known"):
        said(view="PA")
