"""How a command asks for the session: a keyword that no flag sets."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from tui.session import Session

Ambient = Annotated[Session, Parameter(parse=False)]
