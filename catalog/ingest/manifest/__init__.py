"""Any Parquet, CSV or JSON-lines table as input: columns become our fields, whole columns at a time."""

from catalog.ingest.manifest.reader import ManifestReader

__all__ = ["ManifestReader"]
