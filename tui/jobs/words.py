"""A job in words."""

from __future__ import annotations

from datetime import datetime

from tui.jobs.record import Job, Progress
from tui.session import counted

_MINUTE, _HOUR = 60, 3600


def line(job: Job) -> str:
    """A job that is under way, in one short line: "roi-greenbox 1,200 of 12,000 · 85/s · 2 min left"."""
    if job.state != "running" or job.progress is None:
        return f"{job.what}: {job.state}"
    return f"{job.what} {moving(job.progress)}"


def moving(progress: Progress) -> str:
    """How far it is, how fast, and how long the rest takes."""
    parts = [f"{progress.completed:,} of {progress.total:,}"]
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    if progress.rate:
        parts.append(f"{progress.rate:,.0f}/s" if progress.rate >= 10 else f"{progress.rate:.1f}/s")
    if progress.seconds_left and progress.completed < progress.total:
        parts.append(f"{length(progress.seconds_left)} left")
    return " · ".join(parts)


def waiting(job: Job) -> str:
    """What a job that lives is at, beside its numbers."""
    if job.state == "stopping":
        return "stopping: what is done is being committed; k twice more leaves at once"
    if job.progress is None:
        return "looking for what there is to do"
    parts = [f"waits for {job.progress.bottleneck}"] if job.progress.bottleneck else []
    if job.progress.committed:
        parts.append(f"{job.progress.committed:,} in the lake")
    return ", ".join(parts)


def outcome(job: Job) -> str:
    """What became of a job that lives no more."""
    if job.state == "stopped":
        told = f" at {job.progress.completed:,} of {job.progress.total:,}" if job.progress else ""
        kept = "" if is_export(job) else "; what was done is in the lake, start it again to go on"
        return f"stopped{told}{kept}"
    if job.state == "killed":
        going_on = "what was committed stays, start it again to go on"
        again = "no export was made" if is_export(job) else going_on
        return f"killed: its process ended without a word; {again}"
    if job.state == "failed":
        return f"failed: {job.last_line or f'exit code {job.code}, and nothing was said'}"
    return f"done: {_exported(job) if is_export(job) else _generated(job)}"


def is_export(job: Job) -> bool:
    """Whether it writes an export, not into the lake."""
    return job.words[:1] == ("export",)


def when(job: Job) -> str:
    """When it began, and how long it took."""
    began = f"{datetime.fromtimestamp(job.began):%Y-%m-%d %H:%M}"
    return f"{began}, took {length(job.ended - job.began)}" if job.ended else began


def length(seconds: float) -> str:
    """A length of time in a few letters.

    >>> length(0.3), length(42), length(125), length(7500)
    ('1 s', '42 s', '2 min', '2 h 5 min')
    """
    if seconds < _MINUTE:
        return f"{max(1, round(seconds))} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{int(seconds / _HOUR):,} h {int(seconds % _HOUR / _MINUTE)} min"


def _generated(job: Job) -> str:
    said = job.summary or {}
    done, failed = int(said.get("done", 0)), int(said.get("failed", 0))
    if not (done or failed or said.get("left_to_others")):
        return "there was nothing to do"
    parts = [counted(done, "image"), f"{int(said.get('made', 0)):,} made"]
    if failed:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in (said.get("reasons") or {}).items())
        parts.append(f"{failed:,} failed ({kinds}; triptych failures says why)")
    if left := int(said.get("left_to_others") or 0):
        parts.append(f"{left:,} left to another run")
    return ", ".join(parts)


def _exported(job: Job) -> str:
    said = job.summary or {}
    parts = [f"{counted(int(said.get('images', 0)), 'image')} in {said.get('out', '')}"]
    left = [(entry["count"], entry["reason"], entry["source"]) for entry in said.get("excluded", [])]
    parts += [f"left out {count:,}: {reason} ({source})" for count, reason, source in left]
    return "; ".join([*parts, *map(str, said.get("warnings", []))])
