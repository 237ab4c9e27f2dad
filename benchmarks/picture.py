"""Draws ``results.png``: how every workload grows from 1M to 25M images beside its floor, and the peers at 1M."""

from __future__ import annotations

from textwrap import fill
from typing import Any

from benchmarks.kept import HERE, Results, read
from benchmarks.outcome import Outcome
from benchmarks.peers.answering import PEERS
from benchmarks.report import MEASURED, ORDER

_OURS, _FLOOR = "#0b6e99", "#b5651d"
_SHADES = ("#8a6fb0", "#5b9a68", "#c2477a", "#8c8c8c")
_ACROSS = 4
_NAMES = {
    "facet-all": "facet: modality, all rows",
    "facet-modality": "facet: disease where modality",
    "facet-four": "four facets, two flags",
    "facet-diseases": "facet: diseases where organs",
    "facet-organs": "facet: organs where diseases",
    "count-images": "count: three image flags",
    "count-regions": "count: 3 image + 3 ROI flags",
    "count-regions-alone": "count: ROI flags alone",
    "first-regions": "first 100: 3 + 3 flags",
    "first-regions-alone": "first 100: ROI flags alone",
    "count-organ": "count: one of organs",
    "count-disease": "count: one of diseases",
    "look-up": "50 images by id, with ROIs",
    "view-build": "materialise a view *",
    "view-page": "any page of it",
    "export-parquet": "export to Parquet *",
    "export-llava": "export to LLaVA *",
    "append": "append 100,000 images",
    "compact": "compact small commits *",
    "cold": "cold: start to first count",
    "cold-command": "cold: triptych count",
}


def draw() -> None:
    """Write the picture anew; nothing where nothing was measured yet."""
    kept = [results for results in map(read, MEASURED) if results.outcomes]
    if not kept:
        return
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    keys = [key for key in ORDER if any(key in results.outcomes for results in kept)]
    down = len(keys) // _ACROSS + 1  # with a place for the legend
    figure = plt.figure(figsize=(15, 2.15 * down + 6.4), layout="constrained")
    growth, peers = figure.subfigures(2, 1, height_ratios=[2.15 * down, 5.6])
    _growth(growth, kept, keys, down)
    _peers(peers, kept[0])
    figure.savefig(HERE / "results.png", dpi=110, facecolor="white")
    plt.close(figure)


def _growth(figure: Any, kept: list[Results], keys: list[str], down: int) -> None:
    axes = list(figure.subplots(down, _ACROSS, squeeze=False).flat)
    for axis, key in zip(axes, keys, strict=False):
        _one(axis, key, kept)
    for axis in axes[len(keys) :]:
        axis.set_axis_off()
    handles, labels = axes[0].get_legend_handles_labels()
    axes[-1].legend(handles, labels, loc="center", frameon=False, fontsize=11)
    figure.suptitle(
        "Milliseconds, warm, by images in the lake; the shade reaches from p50 to p95   (* the amount grows, too)",
        fontsize=12,
        fontweight="bold",
        x=0.01,
        ha="left",
    )


def _one(axis: Any, key: str, kept: list[Results]) -> None:
    found = [(results.lake["images"], results.outcomes[key]) for results in kept if key in results.outcomes]
    rows = [images for images, _ in found]
    for side, color, name in (("floor", _FLOOR, "DuckDB on the same Parquet"), ("ours", _OURS, "Triptych")):
        told = [getattr(outcome, side) for _, outcome in found]
        middle, high = [1000 * item.p50 for item in told], [1000 * item.p95 for item in told]
        axis.fill_between(rows, middle, high, color=color, alpha=0.18, linewidth=0)
        axis.plot(rows, middle, "o-", color=color, label=name, markersize=4, linewidth=1.6)
    if not found[-1][1].goal_said:
        axis.axhline(1000 * found[-1][1].goal, color="#555555", linestyle=":", linewidth=1.2, label="goal at 25M (p95)")
    _dress(axis, key)


def _dress(axis: Any, key: str) -> None:
    axis.set(xscale="log", yscale="log", xlim=(0.8e6, 32e6))
    axis.set_title(_NAMES[key], fontsize=10, loc="left")
    axis.set_xticks([1e6, 5e6, 25e6], ["1M", "5M", "25M"])
    axis.minorticks_off()
    low, high = axis.get_ylim()
    if high / low < 12:  # one tick would be no scale
        middle = (low * high) ** 0.5
        axis.set_ylim(middle / 4, middle * 4)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    axis.grid(alpha=0.25, linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)


def _peers(figure: Any, results: Results) -> None:
    asked = [outcome for key in ORDER if (outcome := results.outcomes.get(key)) and outcome.peers]
    axis = figure.subplots()
    if not asked:
        axis.set_visible(False)
        return
    colors = {"Triptych": _OURS, "DuckDB": _FLOOR, **dict(zip(PEERS, _SHADES, strict=True))}
    width = 0.86 / len(colors)
    for place, (name, color) in enumerate(colors.items()):
        times = [_of(outcome, name) for outcome in asked]
        bars = [(spot + (place - (len(colors) - 1) / 2) * width, value) for spot, value in enumerate(times) if value]
        spots, values = zip(*bars, strict=True) if bars else ((), ())
        axis.bar(spots, values, width * 0.92, color=color, label=name)
        for spot, value in bars:
            axis.text(spot, value * 1.1, _short(value), ha="center", va="bottom", fontsize=6.5, rotation=90)
    axis.set(yscale="log", ylabel="milliseconds, p50, warm")
    axis.set_ylim(top=axis.get_ylim()[1] * 4)
    names = [fill(_NAMES[outcome.key].strip(" *"), 15) for outcome in asked]
    axis.set_xticks(range(len(asked)), names, fontsize=9)
    axis.set_xlim(-0.6, len(asked) - 0.4)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1 else f"{value:g}")
    axis.grid(axis="y", alpha=0.25, linewidth=0.6)
    axis.spines[["top", "right"]].set_visible(False)
    axis.set_title(
        f"Peers on {results.lake['images']:,} images, same data, same answers (no bar: it cannot)",
        fontsize=12,
        fontweight="bold",
        loc="left",
    )
    axis.legend(ncols=len(colors), frameon=False, fontsize=9, loc="upper left")


def _of(outcome: Outcome, name: str) -> float | None:
    told = {"Triptych": outcome.ours, "DuckDB": outcome.floor, **outcome.peers}.get(name)
    return 1000 * told.p50 if told else None


def _short(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"
