"""Writes ``RESULTS.md`` from what is kept of every size."""

from __future__ import annotations

from collections.abc import Iterable
from math import log

from benchmarks.kept import HERE, Results, read
from benchmarks.measure import ROUNDS, Row
from benchmarks.outcome import WITHIN, Outcome
from benchmarks.peers.answering import PEERS
from benchmarks.scale import SIZES

ORDER = (
    "facet-all", "facet-modality", "facet-four", "count-images", "count-regions", "count-regions-alone",
    "first-regions", "first-regions-alone", "count-organ", "count-disease", "facet-diseases", "facet-organs",
    "look-up", "view-build", "view-page", "export-parquet", "export-llava", "append", "compact", "cold", "cold-command",
)  # fmt: skip
MEASURED = tuple(name for name in SIZES if name != "200k")
_HOW = """\
How it is measured:

- **ours** goes through the Python API (`catalog.open(..., memory_limit="4GB")`), **floor** is a bare DuckDB that is
  asked the same in plain SQL over the very same Parquet files, without cube, id map or view. Both have two threads.
- **p50** and **p95**: in one process that is warm, a question is asked of the one and then of the other, by turns the
  first; 24 questions drawn from a seed among what the lake holds, most of them twice. **wrong** counts the answers that
  differ from the floor's. **cold**: the first answer of a fresh process, opening included, the interpreter's start not;
  the file system's cache is warm in all of this. **peak**: the most memory of a process that asks one side alone.
- **ours / floor** compares p50. The goals are those of 25M images; at smaller sizes they are there for comparison.
- First rows and pages may be in another order than the floor's: they are checked to be different rows of the slice, as
  many, with the floor's values in every column. All other answers are equal; exports by a digest of rows and columns.
- The floor of appending writes the same rows to Parquet and nothing else; that of compacting sorts once, in one pass,
  the rows of the files that were replaced; that of a cold start is a process that imports DuckDB and counts.
- Peers export the rows of `images` alone; ours and the floor write regions and descriptions, too.
- Amounts: {amounts}.
"""


def write() -> None:
    """Write the page anew."""
    kept = [results for results in map(read, MEASURED) if results.outcomes or results.rows]
    amounts = "; ".join(
        f"{scale.name}: a view of {scale.viewed:,} rows, exports of {scale.exported:,}, shards of {scale.appended:,}, "
        f"{scale.commits:,} commits of {scale.committed:,}, captions for {scale.captions:.0%} of the images"
        for scale in (SIZES[name] for name in MEASURED)
    )
    picture = ["![](results.png)", ""] if (HERE / "results.png").exists() else []
    parts = ["# What was measured", "", *picture, _HOW.format(amounts=amounts)]
    for results in kept:
        parts += _of_size(results)
    parts += _growth([results for results in kept if results.outcomes])
    parts += [line for results in kept for line in _of_processes(results)]
    (HERE / "RESULTS.md").write_text("\n".join(parts).rstrip() + "\n", encoding="utf-8")


def _of_size(results: Results) -> list[str]:
    if not results.outcomes:
        return []
    found = [results.outcomes[key] for key in ORDER if key in results.outcomes]
    peers = [name for name in PEERS if any(name in outcome.peers for outcome in found)]
    head = ["workload", "p50", "p95", "cold", "peak", "floor p50", "floor p95", "floor cold", "floor peak"]
    head += ["ours / floor", *[f"{name} p50" for name in peers], "goal (p95)", "met", f"within {WITHIN}x", "wrong"]
    notes = [note for outcome in found for note in outcome.notes]
    return [
        f"## {results.lake.get('images', 0):,} images",
        "",
        f"`make bench SIZE={results.size}` on {results.date}: {results.machine}. "
        f"Load before it began: {results.load:.1f}.",
        *_lake(results),
        "",
        *_table(head, (_line(outcome, peers) for outcome in found)),
        "",
        *[f"- {note}" for note in [*notes, *results.peers]],
        "",
    ]


def _lake(results: Results) -> list[str]:
    lake = results.lake
    parts = ", ".join(f"{name} {_bytes(size)}" for name, size in list(lake.get("disk", {}).items())[:8])
    made = lake.get("generate_seconds")
    told = f" Generated in {made:.0f} s, compacted in {lake['compact_seconds']:.0f} s." if made else ""
    if not lake:
        return []
    return [f"On disk: {_bytes(sum(lake.get('disk', {}).values()))} ({parts}).{told}"]


def _line(outcome: Outcome, peers: list[str]) -> list[str]:
    floor, ratio = outcome.floor, outcome.ratio
    cells = [outcome.title, _time(outcome.ours.p50), _time(outcome.ours.p95), _time(outcome.cold)]
    cells += [_memory(outcome.peak_mb), _time(floor.p50 if floor else None), _time(floor.p95 if floor else None)]
    cells += [_time(outcome.floor_cold), _memory(outcome.floor_peak_mb), f"{ratio:.2f}" if ratio else ""]
    cells += [_time(outcome.peers[name].p50 if name in outcome.peers else None) for name in peers]
    cells += [outcome.goal_said or _time(outcome.goal), "yes" if outcome.goal_met else "**no**"]
    cells += ["" if ratio is None else "yes" if ratio <= WITHIN else "**no**", f"{outcome.wrong} of {outcome.asked}"]
    return cells


def _growth(kept: list[Results]) -> list[str]:
    """Seconds at each size, and the exponent: 0 does not grow, 1 grows as the lake does."""
    if len(kept) < 2:
        return []
    first, last = kept[0], kept[-1]
    head = ["workload"] + [f"{side}, {results.size}" for side in ("ours", "floor") for results in kept]
    head += ["ours grows as rows^", "floor grows as rows^"]
    lines = []
    for key in ORDER:
        found = [results.outcomes.get(key) for results in kept]
        if found[0] is None or found[-1] is None:
            continue
        times = [[getattr(outcome, side).p50 if outcome else None for outcome in found] for side in ("ours", "floor")]
        grown = log(last.lake["images"] / first.lake["images"])
        exponents = [f"{log(row[-1] / row[0]) / grown:.2f}" for row in times]
        lines.append([found[-1].title, *[_time(seconds) for row in times for seconds in row], *exponents])
    sizes = f"from {first.lake['images']:,} to {last.lake['images']:,} images"
    return [
        "## How cost grows",
        "",
        f"p50, warm, {sizes}. Views, exports and compaction take larger amounts in a larger lake, which their titles "
        "name; all else asks the same of every size.",
        "",
        *_table(head, lines),
        "",
    ]


def _of_processes(results: Results) -> list[str]:
    if not results.rows:
        return []
    head = ["workload", "amount", "seconds", "CPU s", "rate", "peak memory", "floor", "ours / floor", "goal", "met"]
    return [
        f"## Whole processes, {results.size}",
        "",
        f"{results.machine}, on {results.date}. Each number is the fastest of {ROUNDS} whole processes, their start",
        "included; starts are the median of 15, DICOM headers are read in warm processes. The floor ran beside it.",
        "",
        *_table(head, map(process_line, results.rows.values())),
        "",
    ]


def process_line(row: Row) -> list[str]:
    """The cells of a workload that is timed as a whole process."""
    rate = f"{row.rate:,.0f} {row.unit}/s" if row.amount > 1 else f"{row.ours.seconds * 1000:.0f} ms"
    return [
        row.workload,
        f"{row.amount:,}",
        f"{row.ours.seconds:.2f}",
        f"{row.ours.cpu:.2f}" if row.ours.cpu is not None else "–",
        rate,
        _memory(row.ours.peak_mb) or "–",
        f"{row.floor}: {row.floor_seconds:.2f} s",
        f"{row.ours.seconds / row.floor_seconds:.2f}",
        row.goal,
        "yes" if row.met else "no",
    ]


def said(outcome: Outcome) -> str:
    """One outcome in a line, for who watches."""
    floor = f", floor {_time(outcome.floor.p50)}, {outcome.ratio:.2f}x" if outcome.floor else ""
    peers = "".join(f", {name} {_time(found.p50)}" for name, found in outcome.peers.items())
    verdict = "met" if outcome.goal_met else "MISSED"
    wrong = f", {outcome.wrong} of {outcome.asked} WRONG" if outcome.wrong else ""
    times = f"{_time(outcome.ours.p50)}, p95 {_time(outcome.ours.p95)}"
    return f"{outcome.key}: {times}{floor}{peers}; goal {outcome.goal_said or _time(outcome.goal)} {verdict}{wrong}"


def _table(head: list[str], lines: Iterable[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *lines)]


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 100 else f"{seconds:,.0f} s"


def _memory(amount: float | None) -> str:
    return f"{amount:,.0f} MB" if amount is not None else ""


def _bytes(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
