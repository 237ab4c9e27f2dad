"""What the human says in an exported conversation."""

from __future__ import annotations

HUMAN = "Describe this medical image, the region of interest and how they relate."
