"""What ``triptych --help`` says: the commands, in the order in which a person meets them.

The words stand here and not in the commands, so that help imports none of them.
"""

from __future__ import annotations

COMMANDS: dict[str, dict[str, str]] = {
    "Make and fill": {
        "init": "Make an empty lake",
        "ingest": "Take images and their annotations in",
        "generate": "Make what is missing or stale: captions, ROIs, embeddings",
        "generators": "The generators that are installed",
        "demo": "A small real lake, built, sliced and exported before your eyes",
    },
    "Look": {
        "browse": "All of it on the screen: facets, the table, pictures with their ROIs",
        "status": "Rows, sources, snapshot, and what is missing",
        "count": "How many images a slice holds",
        "facets": "Counts of images by the values of a column",
        "ls": "The images of a slice",
        "show": "One image with its ROIs and descriptions",
        "sql": "Read-only SQL, a recipe, or a prompt",
        "recipes": "The SQL recipes that ship, with their parameters",
    },
    "Keep and hand on": {
        "slices": "Save, list, show and drop named slices",
        "export": "Write a slice as training data",
    },
    "What happened": {
        "snapshots": "The commits of the lake",
        "runs": "What wrote into the lake",
        "failures": "What could not be read, and why",
    },
    "Keep the lake well": {
        "compact": "Merge small files, restore the order, expire old snapshots",
    },
}
"""Group -> command -> help."""

_OPTIONS = {
    "--lake PATH": "The lake (else $TRIPTYCH_LAKE, else ./lake)",
    "--quiet": "Nothing on stderr but errors",
    "--debug": "Tracebacks instead of one-line errors",
    "--version": "The version",
    "--help, -h": "This, or the help of a command",
}


def commands() -> dict[str, str]:
    """Every command with its help."""
    return {name: text for group in COMMANDS.values() for name, text in group.items()}


def overview() -> str:
    """The help of ``triptych`` itself."""
    width = max(len(word) for word in (*commands(), *_OPTIONS)) + 2
    lines = ["Usage: triptych [--lake PATH] COMMAND [ARGS]", ""]
    lines += ["Catalog and query tool for medical image, region of interest and description triplets."]
    for title, entries in {**COMMANDS, "Options, before or after the command": _OPTIONS}.items():
        lines += ["", f"{title}:", *(f"  {name:<{width}}{text}" for name, text in entries.items())]
    lines += ["", "Begin with: triptych demo, or: triptych init, then: triptych ingest FOLDER"]
    return "\n".join(lines)
