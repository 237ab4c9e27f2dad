"""``python -m tui`` is the command ``triptych``."""

from __future__ import annotations

import sys

from tui.main import main

sys.exit(main())
