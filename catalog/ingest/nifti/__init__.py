"""NIfTI volumes, a slice an image, with the label maps beside them."""

from catalog.ingest.nifti.reader import NiftiReader as NiftiReader
