"""COCO annotation files and the images they name.

A COCO file is one JSON object, however large. It is walked once, an element at a time, and only where each image and
annotation lies is kept (24 bytes each); units then read their own elements. DuckDB's ``read_json`` takes such an object
into memory whole, with a node a number; ``ijson`` refuses the NaN that real files hold.
"""

from catalog.ingest.coco.reader import CocoReader

__all__ = ["CocoReader"]
