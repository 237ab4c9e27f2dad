"""MedTrinity-25M as published: Parquet with embedded images, metadata tables, extracted folders and tar shards."""

from catalog.ingest.medtrinity.inputs import sniff
from catalog.ingest.medtrinity.reader import MedTrinityReader

__all__ = ["MedTrinityReader", "sniff"]
