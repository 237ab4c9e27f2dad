"""What fills a missing annotation: generators, and the engine that plans, runs, resumes and commits their work."""

from __future__ import annotations

from generators.contract import Device, Generator, Item, Region, Result, Text, Vector

__all__ = ["Device", "Generator", "Item", "Region", "Result", "Text", "Vector"]
