"""What users hold: a ``Lake`` and its ``Slice``."""

from catalog.api.lake import Lake as Lake
from catalog.api.lake import init as init
from catalog.api.lake import open_lake as open_lake
from catalog.api.slice import Slice as Slice
