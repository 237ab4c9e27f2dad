"""``triptych generate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from catalog.errors import UsageError
from tui import output
from tui.ambient import Ambient
from tui.diagnostics import one_line
from tui.plan import lines
from tui.progress import of_generation
from tui.session import counted
from tui.slice_flags import NOTHING, Slice

if TYPE_CHECKING:
    from generators.run import Report
    from generators.work import Work
    from tui.session import Session


def generate(  # noqa: PLR0913 - the flags of the contract
    generator: str,
    said: Slice = NOTHING,
    *,
    dry_run: bool = False,
    limit: int | None = None,
    device: str = "auto",
    batch_size: int | None = None,
    model: str | None = None,
    settings: Annotated[tuple[str, ...], Parameter(name="--set")] = (),
    retry_failed: bool = False,
    workers: int | None = None,
    executor: Literal["local", "ray"] = "local",
    as_json: Annotated[bool, Parameter(name="--json")] = False,
    session: Ambient,
) -> int:
    """Make what is missing or stale in a slice. Ctrl-C commits what is done; run it again to go on.

    Exits with 1 when images failed; triptych failures says why.

    Example: triptych generate coarse-caption --modality CT --dry-run

    Example: triptych generate coarse-caption --limit 1000

    Parameters
    ----------
    generator
        Its name; triptych generators lists them.
    dry_run
        Say what is missing, what it needs first, and how long it would take, from a probe of a few batches.
    limit
        Images to work on, at most.
    device
        auto, cpu, cuda or cuda:N.
    batch_size
        Images a batch to begin with; it is halved when memory runs out.
    model
        The model, by its id or folder.
    settings
        NAME=VALUE: a setting of the generator, such as a threshold or a prompt.
    retry_failed
        Also try images again on which the last try failed.
    workers
        Processes that decode images; one a core unless told otherwise, 0 for none.
    executor
        local, or ray for actors on a Ray cluster.
    as_json
        Print what was done, or the plan, as one JSON object.
    """
    _require(limit=limit, batch_size=batch_size, workers=workers)
    with session.lake(write=True) as lake:
        from generators.plan import plan
        from generators.work import Options, work_on

        options = Options(batch_size=batch_size, workers=workers, limit=limit, retry_failed=retry_failed)
        chosen = _settings(settings, model)
        work = work_on(lake.slice(**said.said()).selection, generator, settings=chosen, device=device, options=options)
        if dry_run:
            found = plan(work)
            output.document(_plan_json(work, found)) if as_json else print("\n".join(lines(work, found)))
            return 0
        report = _run(work, executor, session)
    _tell(report, session)
    if as_json:
        output.document(summary(report))
    return 1 if report.tally.failed else 0


def summary(report: Report) -> dict[str, Any]:
    """What one run did, as JSON has it."""
    states = {state: report.pending.count(state) for state in ("missing", "stale", "failed", "fresh", "blocked")}
    tally = report.tally
    counts = {"done": tally.done, "failed": tally.failed, "made": tally.made, "committed": report.committed}
    reasons = {"reasons": dict(tally.reasons.most_common()), "examples": tally.examples}
    run = {"run_id": report.run_id, "seconds": round(report.seconds, 3), "left_to_others": report.left}
    return {"before": states, **counts, **reasons, **run}


def _run(work: Work, executor: str, session: Session) -> Report:
    with of_generation(session) as watch:
        if executor == "ray":
            from generators.ray_run import generate as generate_with_ray

            return generate_with_ray(work, watch=watch)
        from generators.run import generate as generate_here

        return generate_here(work, watch=watch)


def _plan_json(work: Work, found: Any) -> dict[str, Any]:
    from dataclasses import asdict

    states = {state: found.pending.count(state) for state in ("missing", "stale", "failed", "fresh", "blocked")}
    said = {"generator": work.kind, "model": work.model, "fingerprint": work.fingerprint, "device": work.place.name}
    counts = {"images": found.pending.images, **states, "lacking": found.pending.lacking}
    work_to_do = {"todo": found.todo, "batches": found.batches, "workers": found.workers}
    guesses = {"seconds": found.seconds, "bytes": found.bytes, "probe": found.probe and asdict(found.probe)}
    return {**said, **counts, **work_to_do, **guesses}


def _tell(report: Report, session: Session) -> None:
    found, tally = report.pending, report.tally
    if not (tally.done or tally.failed or report.left or report.fresh):
        rest = [f"{found.count(state):,} {state}" for state in ("fresh", "failed", "blocked") if found.count(state)]
        session.say(f"nothing to do: {', '.join(rest) or 'the slice is empty'}")
    else:
        rate = tally.done / report.seconds if report.seconds else 0
        session.say(f"{counted(tally.done, 'image')} done, {tally.made:,} made, {report.seconds:.1f} s, {rate:,.1f}/s")
    if report.left:
        session.say(f"left to another run that is at it: {counted(report.left, 'image')}")
    for lack, count in found.lacking.items():
        session.say(f"left out: {counted(count, 'image')} without {lack}")
    if tally.failed:
        session.say(f"failed: {tally.failed:,}; triptych failures lists them, --retry-failed tries them again")
    for kind, count in tally.reasons.most_common(3):
        session.say(f"  {count:,} x {kind}, such as: {one_line(tally.examples[kind])}")


def _settings(said: tuple[str, ...], model: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if model is None else {"model": model}
    for text in said:
        name, sign, value = text.partition("=")
        if not (name and sign):
            raise UsageError(f"--set '{text}' is no pair; write NAME=VALUE, such as --set threshold=0.5")
        found[name.replace("-", "_")] = value
    return found


def _require(**numbers: int | None) -> None:
    for name, number in numbers.items():
        least = 0 if name == "workers" else 1
        if number is not None and number < least:
            raise UsageError(f"--{name.replace('_', '-')} {number} is too few; give at least {least}")
