"""A synthetic MedTrinity: a lake of any size, drawn from the published distributions, the same for the same seed.

distribution.toml and captions.toml say what is drawn; distribution.py reads the first into arrays; blocks.py draws
blocks of 65,536 images; rows.py, keys.py and captions.py make the tables of a batch of each; write.py takes them into a
lake.
"""

from __future__ import annotations

from benchmarks.synthetic.write import Made, generate

__all__ = ["Made", "generate"]
