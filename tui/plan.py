"""What ``triptych generate --dry-run`` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tui.commands.compact import size
from tui.session import counted

if TYPE_CHECKING:
    from generators.plan import Plan
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


def document(work: Work, plan: Plan) -> dict[str, Any]:
    """The plan, as JSON has it."""
    from dataclasses import asdict

    said = {"generator": work.kind, "model": work.model, "fingerprint": work.fingerprint, "device": work.place.name}
    states = {state: plan.pending.count(state) for state in _STATES}
    counts = {"images": plan.pending.images, **states, "lacking": plan.pending.lacking}
    work_to_do = {"todo": plan.todo, "batches": plan.batches, "workers": plan.workers}
    guesses = {"seconds": plan.seconds, "bytes": plan.bytes, "probe": plan.probe and asdict(plan.probe)}
    return {**said, **counts, **work_to_do, **guesses}


def lines(plan: Mapping[str, Any]) -> list[str]:
    """The plan that ``document`` tells, for people."""
    model = f", model {plan['model']}" if plan["model"] else ""
    said = [f"{plan['generator']} on {plan['device']}{model}", f"images     {plan['images']:,}"]
    said += [f"  {state:<9}{plan[state]:>12,}  {text}" for state, text in _STATES.items()]
    said += [
        f"    {count:,} {'has' if count == 1 else 'have'} no {lack}: {_FIRST[lack]}"
        for lack, count in plan["lacking"].items()
    ]
    said.append(f"to do      {plan['todo']:,} in {plan['batches']:,} {'batch' if plan['batches'] == 1 else 'batches'}")
    if plan["probe"]:
        said.append(f"time       {duration(plan['seconds'])}")
        said.append(f"disk       about {size(plan['bytes'])}")
        said += _probed(plan["probe"], plan["workers"])
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


def _probed(probe: Mapping[str, Any], workers: int) -> list[str]:
    parts = f"{_short(probe['seconds_to_prepare'])} to prepare ({workers or 'no'} worker processes), "
    parts += f"{_short(probe['seconds_to_generate'])} to generate, {probe['seconds_to_load']:.1f} s to load"
    said = [f"probe      {counted(probe['images'], 'image')}: {parts}"]
    if probe["failed"]:
        said.append(f"           {probe['failed']:,} of them failed, such as: {' '.join(probe['example'].split())}")
    return said
