"""The words of the vocabulary: what they resolve to, and that the files beside the code are sound."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import UnknownTermError, UsageError
from catalog.vocabulary import Term, anatomy, load
from catalog.vocabulary.matching import key

KINDS = ["modality", "region", "organ", "disease", "source"]
SPELLINGS = [(kind, term, word) for kind in KINDS for term in load(kind) for word in (term.name, *term.synonyms)]
IMAGE_CODES = "CT MR CR DX MG US PT NM XA RF IO PX ES OP OPT OCT SM GM XC DMS IVUS IVOCT RG OT"
BODY_PARTS = """
    ABDOMEN ABDOMENPELVIS ACJOINT ADRENAL ANKLE AORTA ARM AXILLA BACK BILEDUCT BLADDER BRAIN BREAST
    BRONCHUS BUTTOCK CALCANEUS CALF CAROTID CEREBELLUM CERVIX CHEEK CHEST CHESTABDOMEN CHESTABDPELVIS
    CIRCLEOFWILLIS CLAVICLE COCCYX COLON CORNEA CORONARYARTERY CSPINE CTSPINE DUODENUM EAR ELBOW
    ESOPHAGUS EXTREMITY EYE EYELID FACE FEMUR FIBULA FINGER FOOT FOREARM GALLBLADDER HAND HEAD HEADNECK
    HEART HIP HUMERUS IAC ILEUM ILIUM JAW JEJUNUM KIDNEY KNEE LARGEINTESTINE LARYNX LEG LIVER LSPINE
    LSSPINE LUNG MASTOID MAXILLA MEDIASTINUM MOUTH NECK NECKCHEST NECKCHESTABDOMEN NECKCHESTABDPELV NOSE
    OPTICCANAL ORBIT OVARY PANCREAS PAROTID PATELLA PELVIS PENIS PHARYNX PROSTATE RADIUS RADIUSULNA
    RECTUM RIB SCALP SCAPULA SCLERA SCROTUM SELLA SESAMOID SHOULDER SIJOINT SKULL SPINE SPLEEN SSPINE
    STERNUM STOMACH SUBMANDIBULAR TESTIS THIGH THUMB THYMUS THYROID TIBIA TIBIAFIBULA TLSPINE TMJ TOE
    TONGUE TRACHEA TSPINE ULNA URETER URETHRA UTERUS VAGINA VULVA WHOLEBODY WRIST ZYGOMA
"""


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("computed tomography", "CT"),
        ("CAT scan", "CT"),
        ("MR", "MRI"),
        ("Magnetic_Resonance-Imaging", "MRI"),
        ("DX", "X-Ray"),
        ("CR", "X-Ray"),
        ("x ray", "X-Ray"),
        ("xray", "X-Ray"),
        ("radiographs", "X-Ray"),
        ("MG", "Mammography"),
        ("PT", "PET"),
        ("SM", "Histopathology"),
        ("OPT", "OCT"),
        ("XC", "Digital Photography"),
        ("Microscopy Images", "Microscopy"),
    ],
)
def test_a_modality_is_known_by_its_names_and_dicom_codes(given: str, meant: str) -> None:
    assert load("modality").resolve(given).name == meant


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("Co", "Colposcopy"),
        ("CT", "CT"),
        ("DP", "Digital Photography"),
        ("FP", "Fundus Photography"),
        ("MRI", "MRI"),
        ("OCT", "OCT"),
        ("Der", "Dermoscopy"),
        ("End", "Endoscopy"),
        ("Mic", "Microscopy"),
        ("US", "Ultrasound"),
    ],
)
def test_a_modality_is_known_by_its_med_mat_code(code: str, name: str) -> None:
    assert load("modality").resolve(code).name == name


@pytest.mark.parametrize(
    ("kind", "given", "meant"),
    [
        ("disease", "haemorrhages", "hemorrhage"),
        ("disease", "Masses", "mass"),
        ("disease", "metastases", "metastasis"),
        ("disease", "covid19", "COVID-19"),
        ("disease", "Alzheimer’s disease", "Alzheimer disease"),
        ("disease", "tumours", "tumor"),
        ("disease", "dr", "diabetic retinopathy"),
        ("organ", "Bones", "bone"),
        ("organ", "kidney_left", "kidney"),
        ("organ", "right lung", "lung"),
        ("organ", "Orbital structure", "orbit"),
        ("organ", "left atrium", "left atrium"),
        ("organ", "oesophagus", "esophagus"),
        ("source", "brats24", "brats_24"),
        ("source", "brats", "brats"),
        ("source", "cr_rate", "cr_rate"),
        ("source", "mama mia", "MAMA-MIA"),
        ("region", "Head & Neck", "head and neck"),
    ],
)
def test_spelling_number_and_side_do_not_matter(kind: str, given: str, meant: str) -> None:
    assert load(kind).resolve(given).name == meant


@given(st.sampled_from(SPELLINGS), st.randoms(use_true_random=False), st.sampled_from([" ", "-", "_", "  ", "/"]))
def test_every_spelling_resolves_in_any_case_and_spacing(spelling, random, gap) -> None:
    kind, term, word = spelling
    cased = "".join(random.choice([letter.upper(), letter.lower()]) for letter in word)
    assert load(kind).find(f" {re.sub('[ _-]', gap, cased)}{gap}") is term


@pytest.mark.parametrize("kind", KINDS)
def test_a_spelling_belongs_to_one_term(kind: str) -> None:
    owners = defaultdict(list)
    for term in load(kind):
        for word in (term.name, *term.synonyms):
            owners[key(word)].append(term.name)
    assert {word: names for word, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize(("kind", "of"), [(kind, "region" if kind == "organ" else kind) for kind in KINDS])
def test_a_parent_is_a_term(kind: str, of: str) -> None:
    parents = {term.parent for term in load(kind)} - {None}
    assert parents <= set(load(of).names())


def test_every_organ_lies_in_a_region() -> None:
    assert [organ.name for organ in load("organ") if organ.parent is None] == []


def test_the_modality_of_a_source_is_canonical() -> None:
    assert {source.modality for source in load("source")} - {None} <= set(load("modality").names())
    assert load("source").resolve("deeplesion").modality == "CT"
    assert load("source").resolve("pmc_oa").modality is None


@pytest.mark.parametrize(
    ("scheme", "pattern"),
    [
        ("MONDO", r"MONDO:\d{7}"),
        ("UBERON", r"UBERON:\d{7}"),
        ("HP", r"HP:\d{7}"),
        ("SCT", r"\d{6,18}"),
        ("DCM", "[A-Z]+"),
    ],
)
def test_ids_have_the_shape_of_their_ontology(scheme: str, pattern: str) -> None:
    ids = [term.ids[scheme] for kind in KINDS for term in load(kind) if scheme in term.ids]
    assert ids
    assert [code for code in ids if not re.fullmatch(pattern, code)] == []


def test_snomed_and_dicom_codes_are_those_of_pydicom() -> None:
    concepts = pytest.importorskip("pydicom.sr._concepts_dict").concepts
    for scheme in ("SCT", "DCM"):
        known = {code for meanings in concepts[scheme].values() for code in meanings}
        ours = {term.ids[scheme] for kind in KINDS for term in load(kind) if scheme in term.ids}
        assert ours - known == set()


def test_every_acquisition_code_of_an_image_that_dicom_names_is_known() -> None:
    assert [code for code in IMAGE_CODES.split() if load("modality").find(code) is None] == []


@pytest.mark.parametrize("body_part", BODY_PARTS.split())
def test_a_dicom_body_part_is_a_region_or_an_organ(body_part: str) -> None:
    assert anatomy(body_part)[0] is not None


def test_a_region_has_no_organ_and_an_organ_brings_its_region() -> None:
    assert anatomy("CHEST") == ("thorax", None)
    assert anatomy("lung") == ("thorax", "lung")
    assert anatomy("KNEE") == ("extremities", "knee")
    assert anatomy("nowhere") == (None, None)


def test_an_unknown_term_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(UnknownTermError, match="no organ 'kidny' in the vocabulary; did you mean 'kidney'"):
        load("organ").resolve("kidny")
    with pytest.raises(UnknownTermError, match="no modality 'qqq' in the vocabulary; it has CT, MRI"):
        load("modality").resolve("qqq")
    with pytest.raises(UnknownTermError, match="none of its"):
        load("disease").resolve("zzzzqqq")


@pytest.mark.parametrize("blank", ["", "  ", "--", "\n"])
def test_a_blank_text_is_no_term(blank: str) -> None:
    assert load("organ").find(blank) is None


def test_left_alone_is_no_organ() -> None:
    assert load("organ").find("left") is None


def test_a_vocabulary_that_does_not_exist_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'organ'"):
        load("organs")


def test_terms_are_hashable_and_keep_their_ids() -> None:
    lung = load("organ").resolve("lung")
    assert lung in {lung}
    assert isinstance(lung, Term)
    assert lung.ids == {"UBERON": "UBERON:0002048", "SCT": "39607008"}
