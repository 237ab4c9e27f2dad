"""No identifier of a patient leaves the reader: not in rows, not in failures, not in paths."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from dicom_objects import (
    KEYS,
    Taken,
    code_item,
    coded,
    contour,
    ct,
    item,
    reference,
    report,
    rtstruct,
    save,
    seg,
    seg_frame,
    take,
)
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

PATIENT = {
    "PatientName": "Quixote^Alonso^Q",
    "PatientID": "HOSP-4711",
    "OtherPatientIDs": "OLD0815",
    "PatientBirthDate": "19330517",
    "AccessionNumber": "ACC99887",
    "StudyInstanceUID": "1.2.826.0.1.11111.1",
    "SeriesInstanceUID": "1.2.826.0.1.11111.2",
    "SOPInstanceUID": "1.2.826.0.1.11111.3",
    "FrameOfReferenceUID": "1.2.826.0.1.11111.4",
    "ReferringPhysicianName": "Panza^Sancho",
    "PatientComments": "windmills",
    "StudyDescription": "after windmills",
    "InstitutionName": "La Mancha",
}
SAID = ("quixote", "alonso", "4711", "0815", "1933", "0517", "99887", "11111", "panza", "windmill", "mancha")


def of_quixote(**attributes: object) -> Dataset:
    return ct(**(PATIENT | attributes))


def silent(taken: Taken) -> bool:
    """Whether nothing that was taken, the names of units included, spells the patient."""
    text = (taken.text() + repr([(unit.key, unit.name) for unit in taken.units])).casefold()
    text = re.sub(r"[0-9a-f]{32}", "", text)  # a digest may hold any digits by chance
    return not [word for word in SAID if word in text]


def test_no_header_value_that_identifies_reaches_a_table(tmp_path: Path) -> None:
    taken = take(save(of_quixote(), tmp_path / "a.dcm"))
    assert len(taken.rows("images")) == 1
    assert silent(taken)


@pytest.mark.parametrize(
    "path",
    [
        "HOSP-4711/a.dcm",
        "hosp 4711/a.dcm",
        "Alonso_Quixote/CT/a.dcm",
        "1.2.826.0.1.11111.1/1.2.826.0.1.11111.2/1.2.826.0.1.11111.3.dcm",
        "born 1933-05-17/a.dcm",
        "17.05.1933/a.dcm",
        "x/ACC99887.dcm",
        "OLD0815/a.dcm",
        "Dr Panza/a.dcm",
    ],
)
def test_a_path_that_spells_the_patient_is_hidden_and_found_again(tmp_path: Path, path: str) -> None:
    written = save(of_quixote(), tmp_path / path)
    taken = take(tmp_path)
    (image,) = taken.rows("images")
    assert silent(taken)
    assert KEYS.find(image["uri"]) == written
    assert image["file_name"] == Path(image["uri"]).name
    assert image["source"] == tmp_path.name


def test_a_source_named_after_a_patient_is_hidden(tmp_path: Path) -> None:
    save(of_quixote(), tmp_path / "Quixote Alonso" / "a.dcm")
    taken = take(tmp_path / "Quixote Alonso")
    assert silent(taken)
    assert taken.rows("images")[0]["source"].startswith("~")


def test_names_in_other_alphabets_are_hidden_too(tmp_path: Path) -> None:
    image = ct(SpecificCharacterSet="ISO_IR 192", PatientName="Müller^Änne", PatientID="Größe7")
    taken = take(save(image, tmp_path / "MÜLLER größe7.dcm"))
    assert "ller" not in taken.rows("images")[0]["uri"].removeprefix(str(tmp_path)).casefold()


def test_further_patient_ids_are_hidden(tmp_path: Path) -> None:
    image = ct()
    image.OtherPatientIDsSequence = Items([item(PatientID="FORMER31", TypeOfPatientID="TEXT")])
    assert "FORMER31" not in take(save(image, tmp_path / "FORMER31" / "a.dcm")).text()


def test_failures_hide_the_patient_even_of_files_whose_header_is_broken(tmp_path: Path) -> None:
    folder = tmp_path / "Quixote"
    save(of_quixote(), folder / "1.dcm")
    save(of_quixote(NumberOfFrames=9999), folder / "HOSP-4711.dcm")
    whole = save(of_quixote(), folder / "3 Alonso.dcm")
    whole.write_bytes(whole.read_bytes()[:150])
    (folder / "hosp4711 notes.dcm").write_text("no DICOM")
    taken = take(tmp_path)
    assert len(taken.rows("failures")) == 3
    assert silent(taken)


def test_labels_that_name_the_patient_give_way_to_codes(tmp_path: Path) -> None:
    image = of_quixote()
    mask = np.ones((128, 128), dtype=np.uint8)
    made = seg([mask], [seg_frame(reference(image))], PatientComments="windmills")
    square = contour([[-30, -10, 0], [-20, -10, 0], [-20, 0, 0]], image)
    drawn = rtstruct([square], name="heart of A. Quixote")
    for dataset in (made, drawn):
        dataset.PatientName, dataset.PatientID = PATIENT["PatientName"], PATIENT["PatientID"]
    made.SegmentSequence[0].SegmentLabel = "liver HOSP4711"
    for name, dataset in (("a", image), ("b", made), ("c", drawn)):
        save(dataset, tmp_path / f"{name}.dcm")
    taken = take(tmp_path)
    assert [roi["label"] for roi in taken.rows("rois")] == ["Liver", "ROI 1"]
    assert silent(taken)


def test_a_report_yields_codes_and_no_words(tmp_path: Path) -> None:
    image = of_quixote()
    named = item(
        ValueType="IMAGE", RelationshipType="CONTAINS", ReferencedSOPSequence=[reference(image)], TextValue="windmills"
    )
    finding = code_item(coded("121071", "DCM", "Finding"), coded("27925004", "SCT", "Nodule"))
    save(image, tmp_path / "a.dcm")
    save(report(named, finding), tmp_path / "b.dcm")
    taken = take(tmp_path)
    assert [row["concept"] for row in taken.rows("findings")] == ["Nodule"]
    assert silent(taken)


def test_keys_of_two_lakes_have_nothing_in_common(tmp_path: Path) -> None:
    from catalog.ingest.contract import Options
    from catalog.ingest.dicom import DicomReader
    from catalog.lake.keys import KeyedHash

    path = save(of_quixote(), tmp_path / "a.dcm")
    found = []
    for secret in (b"a" * 32, b"b" * 32):
        reader = DicomReader([path], Options(keys=KeyedHash(secret)))
        (row,) = reader.read(next(reader.units()), Taken()).tables["images"].to_pylist()
        found.append({row[name] for name in ("image_id", "patient_key", "study_key", "series_key")})
    assert not found[0] & found[1]
