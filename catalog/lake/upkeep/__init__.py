"""Keeps a lake fast and small: restores the sort order, expires snapshots, deletes what nothing needs."""

from catalog.lake.upkeep.compact import Compaction as Compaction
from catalog.lake.upkeep.compact import TableCompaction as TableCompaction
from catalog.lake.upkeep.compact import Watch as Watch
from catalog.lake.upkeep.compact import compact as compact
