"""Canonical terms of modality, region, organ, disease, source and licence, with synonyms and ontology ids.

The words lie beside this file as CSV. Matching ignores case, spaces, punctuation, accents and the plural::

    modalities.csv  name, parent, synonyms, DCM (DICOM modality code), SCT (SNOMED CT code used in DICOM)
    regions.csv     name, parent, synonyms, UBERON, SCT; an examination over several is one of its own
    organs.csv      name, parent (its region), synonyms, UBERON, SCT
    diseases.csv    name, parent (a broader disease), synonyms, MONDO, HP, SCT (only where both lack it)
    sources.csv     name, parent, synonyms, modality (only where the whole collection has exactly one)
    licenses.csv    spdx, redistributable (true or false), synonyms

Synonyms are separated by ``|``; each belongs to one term of its file. An empty id means that the ontology has
no exact match. ATTRIBUTION.md says where ids come from.
"""

from __future__ import annotations

from catalog.vocabulary.columns import canonical_column, canonical_lists
from catalog.vocabulary.licenses import License, license_of
from catalog.vocabulary.terms import Term, Vocabulary, anatomy, load

__all__ = [
    "License",
    "Term",
    "Vocabulary",
    "anatomy",
    "canonical_column",
    "canonical_lists",
    "license_of",
    "load",
]
