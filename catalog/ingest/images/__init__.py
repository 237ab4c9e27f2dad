"""Folders of PNG, JPEG, TIFF and the like, with masks beside them."""

from catalog.ingest.images.reader import ImagesReader as ImagesReader
