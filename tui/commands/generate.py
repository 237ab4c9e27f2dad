"""``triptych generate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient
from tui.diagnostics import one_line
from tui.generate_flags import DEFAULT, Flags
from tui.plan import document, lines
from tui.progress import of_generation
from tui.session import counted
from tui.slice_flags import NOTHING, Slice

if TYPE_CHECKING:
    from generators.run import Report
    from generators.work import Work
    from tui.session import Session


def generate(
    generator: str,
    said: Slice = NOTHING,
    *,
    flags: Flags = DEFAULT,
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
    as_json
        Print what was done, or the plan, as one JSON object.
    """
    options, settings = flags.options(), flags.settings()
    with session.lake(write=True) as lake:
        from generators.work import work_on

        selection = lake.slice(**said.said()).selection
        work = work_on(selection, generator, settings=settings, device=flags.device, options=options)
        if flags.dry_run:
            _show_plan(work, as_json=as_json)
            return 0
        report = _run(work, flags.executor, session)
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
    with of_generation(session) as watch, output.kept_clear():
        if executor == "ray":
            from generators.ray_run import generate as generate_with_ray

            return generate_with_ray(work, watch=watch)
        from generators.run import generate as generate_here

        return generate_here(work, watch=watch)


def _show_plan(work: Work, *, as_json: bool) -> None:
    from generators.plan import plan

    with output.kept_clear():
        found = plan(work)
    said = document(work, found)
    if as_json:
        output.document(said)
    else:
        print("\n".join(lines(said)))


def _tell(report: Report, session: Session) -> None:
    found, tally = report.pending, report.tally
    if not (tally.done or tally.failed or report.left or report.fresh):
        rest = [f"{found.count(state):,} {state}" for state in ("fresh", "failed", "blocked") if found.count(state)]
        again = "; --retry-failed tries the failed ones again" if found.count("failed") else ""
        session.say(f"nothing to do: {', '.join(rest) or 'the slice is empty'}{again}")
    else:
        rate = f", {tally.done / report.seconds:,.1f}/s" if tally.done and report.seconds else ""
        session.say(f"{counted(tally.done, 'image')} done, {tally.made:,} made, {report.seconds:.1f} s{rate}")
    if report.left:
        session.say(f"left to another run that is at it: {counted(report.left, 'image')}")
    for lack, count in found.lacking.items():
        session.say(f"left out: {counted(count, 'image')} without {lack}")
    if tally.failed:
        session.say(f"failed: {tally.failed:,}; triptych failures lists them, --retry-failed tries them again")
    for kind, count in tally.reasons.most_common(3):
        session.say(f"  {count:,} x {kind}, such as: {one_line(tally.examples[kind])}")
