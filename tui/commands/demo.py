"""``triptych demo``."""

from __future__ import annotations

import os
from pathlib import Path

from tui.ambient import Ambient


def demo(folder: Path = Path("demo"), /, *, session: Ambient) -> int:
    """Build a small lake of real images, look at it, slice it and export it, showing each command.

    The images come out of installed packages; nothing is downloaded. A demo that stands in the folder is made anew.

    Example: triptych demo

    Parameters
    ----------
    folder
        Folder to make: inputs/, lake/ and out/.
    """
    from tui.demo import packages
    from tui.demo.folder import Folder
    from tui.demo.stage import Stage
    from tui.demo.steps import Demo

    packages.require()
    place = Folder(Path(os.path.normpath(folder)))
    if place.prepare():
        session.say(f"there was a demo in {place.root}; it is made anew")
    Demo(place, Stage(quiet=session.quiet, debug=session.debug)).run()
    return 0
