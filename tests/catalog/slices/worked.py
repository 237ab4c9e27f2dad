"""Random lakes that generators have worked on: every layer is there, missing, stale and failed somewhere."""

from __future__ import annotations

import random
from collections.abc import Iterator

import catalog
from catalog.lake.commit import locked
from catalog.records import Description, Finding, Image, Record, Roi
from tests.conftest import take_in

ZONES = (5, 15, 25, 35, 50, 65, 75, 85, 92)
SIZES = (1, 2, 3, 5, 10, 25, 50, 70)
"""Of an image of 100 pixels: areas lie on edges of bins, too."""


def records(seed: int, count: int, start: int = 0) -> Iterator[Record]:
    """Images with none to six regions, some with a mask, and with or without texts and findings."""
    draw = random.Random(seed)  # noqa: S311 - repeatable on purpose
    for number in range(start, start + count):
        image_id = f"image-{number}"
        yield Image(
            image_id=image_id, content_hash=image_id, width=100, height=100,
            modality=draw.choice(("CT", "MRI", None)), source=draw.choice(("north", "south")),
            organs=draw.sample(("lung", "heart", "brain"), draw.randint(0, 2)),
            diseases=draw.sample(("glioma", "edema"), draw.randint(0, 2)),
            region=draw.choice(("thorax", None)), uri=draw.choice((f"{number}.png", None)),
            view=draw.choice(("PA", "AP", None)),
        )  # fmt: skip
        yield from (_region(draw, image_id) for _ in range(draw.choice((0, 1, 1, 2, 6))))
        if draw.random() < 0.5:
            yield Description(image_id=image_id, text="a text", kind=draw.choice(("published", "coarse", "generated")))
        if draw.random() < 0.3:
            yield Finding(image_id=image_id, concept="edema")


def _region(draw: random.Random, image_id: str) -> Roi:
    x, y = draw.choice(ZONES), draw.choice(ZONES)
    mask, area = ("PPYo1", draw.choice((10, 50, 100, 1000))) if draw.random() < 0.2 else (None, None)
    return Roi(
        image_id=image_id, label=draw.choice(("Nodule", "Cyst")), width=100, height=100, mask=mask, mask_area=area,
        kind=draw.choice(("lesion", "organ", "cell", "other")),
        x0=x - 1, y0=y - 1, x1=min(100, x + draw.choice(SIZES)), y1=min(100, y + draw.choice(SIZES)),
    )  # fmt: skip


def work_on(lake: catalog.Lake, seed: int) -> None:
    """Rows as generators leave them: outcomes of two layers, done and failed, of older and newer runs; and failures."""
    with locked(lake.layout) as writer:
        writer.execute("SELECT setseed(?)", [seed / 1000])
        for run, fingerprint in ((1, "old"), (2, "new")):
            values = [f"run {seed} {run}", "maker", fingerprint, f"2026-01-0{run}"]
            writer.execute("INSERT INTO runs (run_id, kind, fingerprint, started_at) VALUES (?, ?, ?, ?)", values)
        for layer, generator in (("embeddings", "maker"), ("rois", "maker"), ("coarse_caption", "maker")):
            writer.execute(
                """INSERT INTO outcomes
                    (image_key, profile, modality, layer, generator, reads, fingerprint, status, made)
                SELECT image_key, profile, modality, $layer, $generator, 'pixels',
                    CASE WHEN random() < 0.5 THEN 'old' ELSE 'new' END,
                    CASE WHEN random() < 0.7 THEN 'done' ELSE 'failed' END, (random() * 2)::INTEGER
                FROM images WHERE random() < 0.6""",
                {"layer": layer, "generator": generator},
            )
        for layer in ("masks", "embeddings", "findings"):
            writer.execute(
                """INSERT INTO failures (failure_id, layer, image_id, error, message)
                SELECT $layer || image_id, $layer, image_id, 'unreadable', 'not read'
                FROM images WHERE random() < 0.3""",
                {"layer": layer},
            )


def fill(lake: catalog.Lake, seed: int, *, images: int = 120) -> None:
    """Take random images in with two commits and work on them."""
    for part in range(2):
        start = part * images // 2
        take_in(lake.layout, {f"{seed} {part}": list(records(seed + part, images // 2, start))}, license="CC0-1.0")
    work_on(lake, seed)
