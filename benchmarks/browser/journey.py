"""One journey through a browser in a terminal of its own: ``python -m benchmarks.browser.journey JOB.json``.

The job says the lake, the journey and where its numbers go as JSON.
"""

from __future__ import annotations

import json
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.browser.terminal import Terminal


def travelled(lake: Path, journey: str, **said: Any) -> dict[str, Any]:
    """What a journey has measured, made in a process in a terminal of its own.

    Raises:
        SystemExit: It came to no end.
    """
    with TemporaryDirectory() as folder:
        out, job = Path(folder) / "found.json", Path(folder) / "job.json"
        job.write_text(json.dumps({"lake": str(lake), "journey": journey, "out": str(out), "said": said}))
        terminal = Terminal(["benchmarks.browser.journey", str(job)], state=Path(folder))
        terminal.ended()
        if not out.exists():
            raise SystemExit(f"the journey '{journey}' broke off: {terminal.last}")
        found: dict[str, Any] = json.loads(out.read_text())
    if "trouble" in found:
        raise SystemExit(f"the journey '{journey}' failed: {found['trouble']}")
    return found


def main() -> None:
    """Go on the journey."""
    job = json.loads(Path(sys.argv[1]).read_text())
    from benchmarks.browser.driven import Driven
    from benchmarks.browser.journeys import JOURNEYS
    from tui.browser.app import Browser
    from tui.commands.browse import opened

    app, found = Browser(lambda: opened(Path(job["lake"])), {}), {}

    async def go(_: object) -> None:
        driven = Driven(app)
        try:
            await driven.begun()
            found.update(await JOURNEYS[job["journey"]](driven, **job["said"]))
        except Exception:
            found["trouble"] = traceback.format_exc()
        app.exit()

    app.run(auto_pilot=go)
    Path(job["out"]).write_text(json.dumps(found))


if __name__ == "__main__":
    main()
