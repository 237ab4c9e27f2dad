"""Marks: what every image of one snapshot has, in memory, so that a slice is counted and found without a scan."""
