"""What ``triptych generate --dry-run`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.commands.compact import size
from tui.session import counted

if TYPE_CHECKING:
    from generators.plan import Plan, Probe
    from generators.work import Work

_STATES = {
    "missing": "never tried",
    "stale": "made by another version, model or settings, or from other inputs",
    "failed": "the last try failed; --retry-failed tries again",
    "fresh": "done",
    "blocked": "lack what the generator needs",
}
_FIRST = {
    "pixels": "ingest the files that hold their pixels",
    "boxes": "make boxes first; triptych generators lists what finds regions",
    "masks": "only published masks are read",
    "regions": "make regions first; triptych generators lists what finds them",
    "texts": "make texts first, such as with: triptych generate coarse-caption",
    "file_name": "they were taken in without one",
}


def lines(work: Work, plan: Plan) -> list[str]:
    """The plan, for people."""
    model = f", model {work.model}" if work.model else ""
    said = [f"{work.kind} on {work.place.name}{model}", f"images     {plan.pending.images:,}"]
    said += [f"  {state:<9}{plan.pending.count(state):>12,}  {text}" for state, text in _STATES.items()]
    said += [
        f"    {count:,} {'has' if count == 1 else 'have'} no {lack}: {_FIRST[lack]}"
        for lack, count in plan.pending.lacking.items()
    ]
    said.append(f"to do      {plan.todo:,} in {plan.batches:,} {'batch' if plan.batches == 1 else 'batches'}")
    if plan.probe and plan.seconds is not None and plan.bytes is not None:
        said.append(f"time       {duration(plan.seconds)}")
        said.append(f"disk       about {size(plan.bytes)}")
        said += _probed(plan.probe, plan.workers)
    return said


def duration(seconds: float) -> str:
    """A length of time for people.

    >>> duration(0.2), duration(5), duration(75), duration(30_000)
    ('less than a second', 'about 5 s', 'about 1 min 15 s', 'about 8 h 20 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"about {whole} s" if whole else "less than a second"
    if whole < 3600:
        return f"about {whole // 60} min {whole % 60} s"
    return f"about {whole // 3600:,} h {whole % 3600 // 60} min"


def _short(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def _probed(probe: Probe, workers: int) -> list[str]:
    parts = f"{_short(probe.seconds_to_prepare)} to prepare ({workers or 'no'} worker processes), "
    parts += f"{_short(probe.seconds_to_generate)} to generate, {probe.seconds_to_load:.1f} s to load"
    said = [f"probe      {counted(probe.images, 'image')}: {parts}"]
    if probe.failed:
        said.append(f"           {probe.failed:,} of them failed, such as: {' '.join(probe.example.split())}")
    return said
