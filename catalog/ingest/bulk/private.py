"""Columns that, by their name, identify a person: they never go into ``extra``."""

from __future__ import annotations

import re

_IDENTIFYING = re.compile(
    r"(patient|subject|person|pat|pt)(s?|'s)(id|name|number|no|identifier|uid)?"
    r"|(first|last|middle|family|given|full|maiden)name|surname"
    r"|(patient|patients|subject)?(birth(date|day|time)?|dateofbirth|dob)"
    r"|mrn|medicalrecord(number|no)?|ssn|socialsecurity(number|no)?|nhsnumber"
    r"|accession(number|no|id)?|(email|e?mail)(address)?|phone(number)?|telephone|(street|home|patient)?address"
    r"|(study|series|sopinstance|sop|frameofreference)(instance)?uid|otherpatientids|patientcomments|referringphysician(name)?",
)


def is_identifying(column: str) -> bool:
    """Whether a column's name says that it identifies a person or an examination.

    >>> is_identifying("Patient_ID"), is_identifying("PatientAge"), is_identifying("birth date")
    (True, False, True)
    """
    return _IDENTIFYING.fullmatch(re.sub(r"[\W_]+", "", column).casefold()) is not None
