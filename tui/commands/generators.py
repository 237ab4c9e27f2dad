"""``triptych generators``."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from tui import output
from tui.ambient import Ambient
from tui.diagnostics import one_line


def generators(*, as_json: Annotated[bool, Parameter(name="--json")] = False, session: Ambient) -> int:
    """List the generators that are installed, what each makes from what, and its settings.

    Example: triptych generators --json

    Parameters
    ----------
    as_json
        A JSON array of objects.
    """
    del session
    from generators import registry

    found = [described(name) for name in registry.names()]
    if as_json:
        output.document(found)
        return 0
    for entry in found:
        print(f"{entry['name']}: {entry['layer']} from {entry['reads']}" if entry["layer"] else entry["name"])
        print(f"  {entry['about']}")
        if entry["settings"]:
            print("  settings: " + ", ".join(f"{name}={value}" for name, value in entry["settings"].items()))
    return 0


def described(name: str) -> dict[str, Any]:
    """A generator as JSON has it; one that cannot be loaded says why under ``about``."""
    from dataclasses import MISSING

    from catalog.errors import TriptychError
    from generators import registry

    try:
        kind = registry.find(name)
    except TriptychError as error:
        return {"name": name, "layer": None, "reads": None, "about": one_line(str(error)), "settings": {}}
    known = registry.settings_of(kind)
    settings = {item.name: "(needed)" if item.default is MISSING else item.default for item in known}
    about = one_line((kind.__doc__ or "").partition("\n")[0])
    reads = kind.reads if isinstance(kind.reads, str) else registry.make(name, {}).reads
    return {"name": name, "layer": kind.layer, "reads": reads, "about": about, "settings": settings}
