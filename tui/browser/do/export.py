"""The window that exports a slice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, Select, Static

from catalog.export import FORMATS, IMAGES
from tui.browser.asking import Asking
from tui.browser.do.beginning import begin
from tui.browser.do.dialog import Dialog, Tick, row
from tui.browser.do.exporting import Allowed, Wanted, allowed
from tui.browser.said import Said, flags
from tui.jobs import Job
from tui.jobs.record import shown

if TYPE_CHECKING:
    from catalog.api import Lake

_ABOUT = {
    "copy": "copy the pixels",
    "link": "link to the files",
    "none": "no pixels",
}


class Export(Dialog[Job]):
    """Asks where to and how; what it is dismissed with is the job that exports."""

    TITLE_OF_IT = "Export this slice as training data"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+j", "done", "export", id="export.done", key_display="f5"),
        Binding("ctrl+y", "copy", "copy command", id="export.copy"),
    ]

    def __init__(self, asking: Asking, lake: Lake, said: Said) -> None:
        super().__init__()
        self._asking, self._lake, self._slice = asking, lake, said
        self._allowed: Allowed | None = None
        self._busy = False

    def fields(self) -> Iterable[Widget]:
        """What an export needs to know."""
        yield Static(flags(self._slice) or "all images", markup=False)
        yield Static("counting …", id="allowed", markup=False)
        formats = [(name, name) for name in FORMATS]
        yield row("format", Select(formats, value=FORMATS[0], allow_blank=False, compact=True, id="to"))
        yield row("folder", Input(placeholder="a folder that is made, such as ~/train", id="out", compact=True))
        pixels = [(_ABOUT.get(name, name), name) for name in IMAGES]
        yield row("images", Select(pixels, value=IMAGES[0], allow_blank=False, compact=True, id="images"))
        yield Tick("also sources whose licence forbids redistribution", id="restricted")
        yield Tick("replace an earlier export in that folder", id="overwrite")

    def buttons(self) -> Iterable[Widget]:
        """Export, or leave."""
        yield Button("export", id="done", action="screen.done", variant="primary", compact=True)
        yield Button("leave", id="leave", action="screen.leave", compact=True)

    def on_mount(self) -> None:
        """Count what may leave the lake."""
        lake, said = self._lake, self._slice
        self.query_one("#out", Input).focus()
        self._asking.ask(
            self, "counting what may leave", lambda: allowed(lake, said), self._counted, refused=self._lost
        )

    @property
    def wanted(self) -> Wanted:
        """What is asked for now."""
        return Wanted(
            to=str(self.query_one("#to", Select).value),
            out=self.query_one("#out", Input).value.strip(),
            images=str(self.query_one("#images", Select).value),
            include_restricted=self.query_one("#restricted", Checkbox).value,
            overwrite=self.query_one("#overwrite", Checkbox).value,
        )

    def on_select_changed(self) -> None:
        """Say what leaves now."""
        self._tell()

    def on_checkbox_changed(self) -> None:
        """Say what leaves now."""
        self._tell()

    def action_copy(self) -> None:
        """Put the command on the clipboard."""
        self.app.copy_to_clipboard(shown(self._lake.layout.root, self.wanted.words(self._slice)))
        self.say("copied the command that does the same")

    def action_done(self) -> None:
        """Begin the job, in a thread."""
        if self._busy:
            return
        self._busy = True
        wanted, layout, said = self.wanted, self._lake.layout, self._slice
        self.say("starting …")

        def begun() -> Job:
            wanted.check()
            return begin(layout, f"export {wanted.to}", wanted.words(said))

        self._asking.ask(self, "starting the export", begun, self._begun, refused=self._refused, dropped=self._late)

    def _begun(self, job: Job) -> None:
        self.dismiss(job)

    def _late(self, job: Job) -> None:
        self.app.notify(f"it was too late to leave: {job.what} has begun; J lists it", markup=False)

    def _refused(self, trouble: str) -> None:
        self._busy = False
        self.refuse(trouble)

    def _counted(self, found: Allowed) -> None:
        self._allowed = found
        self._tell()

    def _lost(self, trouble: str) -> None:
        self.query_one("#allowed", Static).update("not counted")
        self.refuse(trouble)

    def _tell(self) -> None:
        if self._allowed is not None:
            self.query_one("#allowed", Static).update(self._allowed.told(self.wanted))
