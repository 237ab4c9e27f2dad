"""The window that annotates a slice: a generator, its settings, the plan, and then the job."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Checkbox, Input, OptionList, Static
from textual.widgets.option_list import Option

from catalog.errors import TriptychError
from tui.browser.asking import Asking
from tui.browser.do.beginning import Planning, begin, require_shared
from tui.browser.do.choosing import Known, known, words
from tui.browser.do.dialog import Dialog, Tick, row
from tui.browser.said import Said, flags
from tui.cells import visible
from tui.jobs import Job
from tui.jobs.record import shown
from tui.plan import lines

if TYPE_CHECKING:
    from catalog.api import Lake

_TYPED = {
    "model": "an id or a folder",
    "said": "NAME=VALUE NAME=VALUE",
    "limit": "images at most",
    "device": "auto, cpu, cuda or cuda:N",
    "batch_size": "images a batch to begin with",
    "workers": "processes that decode, 0 for none",
}
"""Field of ``GenerateFlags`` -> what may be typed."""


class Generate(Dialog[Job]):
    """Plans first, then begins; what it is dismissed with is the job."""

    TITLE_OF_IT = "Annotate this slice"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+j", "plan", "plan", id="generate.plan", key_display="f5"),
        Binding("f9,ctrl+g", "done", "start", id="generate.start", key_display="f9"),
        Binding("ctrl+y", "copy", "copy command", id="generate.copy"),
    ]
    DEFAULT_CSS = """
    Generate > #window { max-width: 140; height: 96%; }
    Generate #fields { height: 1fr; }
    Generate #top { height: auto; }
    Generate #names { width: 34; height: 12; border: none; padding: 0 1 0 0; }
    Generate #settings { width: 1fr; height: 12; }
    Generate #about { margin-bottom: 1; }
    Generate #plan { margin-top: 1; }
    """

    def __init__(self, asking: Asking, lake: Lake, said: Said) -> None:
        super().__init__()
        self._asking, self._lake, self._slice = asking, lake, said
        self._known: list[Known] = []
        self._planning: Planning | None = None
        self._planned: list[str] = []
        """The command line of the plan that is shown, where there is something to do."""
        self._busy = False

    def fields(self) -> Iterable[Widget]:
        """The generators, the settings and the plan."""
        yield Static(flags(self._slice) or "all images", markup=False)
        with Horizontal(id="top"):
            yield OptionList(id="names", compact=True)
            with VerticalScroll(id="settings", can_focus=False):
                yield Static("reading the generators …", id="about", markup=False)
                for name, hint in _TYPED.items():
                    label = "settings" if name == "said" else name.replace("_", " ")
                    yield row(label, Input(placeholder=hint, id=f"flag-{name}", compact=True))
                yield Tick("also images on which the last try failed", id="retry")
        yield Static("f5 plans it: what there is to do, and how long it takes", id="plan", markup=False)

    def buttons(self) -> Iterable[Widget]:
        """Plan, start, or leave."""
        yield Button("plan", id="ask", action="screen.plan", variant="primary", compact=True)
        yield Button("start", id="done", action="screen.done", disabled=True, compact=True)
        yield Button("leave", id="leave", action="screen.leave", compact=True)

    def on_mount(self) -> None:
        """Find the generators."""
        self.query_one(OptionList).focus()
        self._asking.ask(self, "reading generators", known, self._list, refused=self.refuse)

    def on_unmount(self) -> None:
        """Whoever left waits for no plan."""
        if self._planning is not None:
            self._planning.cancel()

    @property
    def chosen(self) -> Known | None:
        """The generator that is marked."""
        place = self.query_one(OptionList).highlighted
        return None if place is None else self._known[place]

    @property
    def plan(self) -> str:
        """The plan on the screen."""
        return str(self.query_one("#plan", Static).content)

    def on_option_list_option_highlighted(self) -> None:
        """Say what the marked generator makes."""
        if self.chosen is not None:
            about = "\n".join(visible(line) for line in self.chosen.told.splitlines())
            self.query_one("#about", Static).update(Text(about))
        self._outdate()

    def on_option_list_option_selected(self) -> None:
        """Enter on a generator plans it."""
        self.action_plan()

    def on_input_changed(self) -> None:
        """Other settings need another plan."""
        self._outdate()

    def on_checkbox_changed(self) -> None:
        """Other settings need another plan."""
        self._outdate()

    def entered(self) -> None:
        """Enter in a field plans."""
        self.action_plan()

    def action_plan(self) -> None:
        """Plan it, in a process of its own."""
        if (wanted := self._wanted()) is None:
            return
        self._outdate()
        planning, root = Planning(), self._lake.layout.root
        self._planning = planning
        self.query_one("#plan", Static).update("planning: a few images are tried …")
        self._asking.ask(
            self,
            "planning",
            lambda: planning.run(root, wanted),
            lambda plan: self._show(plan, wanted, of=planning),
            refused=lambda trouble: self._unplanned(trouble, of=planning),
        )

    def action_done(self) -> None:
        """Begin what was planned."""
        if self._busy:
            return
        if not self._planned:
            self.refuse("plan it first, with f5")
            return
        self._busy = True
        layout, wanted = self._lake.layout, self._planned
        self.say("starting …")
        self._asking.ask(
            self,
            "starting the job",
            lambda: begin(layout, wanted[1], wanted),
            self._begun,
            refused=self._refused,
            dropped=self._late,
        )

    def action_leave(self) -> None:
        """Stop planning or, if nothing is planned, leave."""
        if self._planning is None:
            super().action_leave()
            return
        self._outdate()
        self.say("the plan was cancelled")

    def action_copy(self) -> None:
        """Put the command on the clipboard."""
        if (wanted := self._wanted()) is not None:
            self.app.copy_to_clipboard(shown(self._lake.layout.root, wanted))
            self.say("copied the command that does the same")

    def _wanted(self) -> list[str] | None:
        """The command line of what is chosen; None, and why, when it cannot be meant."""
        if self.chosen is None:
            return None
        typed = {name: self.query_one(f"#flag-{name}", Input).value for name in _TYPED}
        try:
            retry = self.query_one("#retry", Checkbox).value
            wanted = words(self.chosen.name, self._slice, typed, retry_failed=retry)
            require_shared(self._lake.layout, wanted)
        except TriptychError as error:
            self.refuse(str(error))
            return None
        return wanted

    def _list(self, found: list[Known]) -> None:
        self._known = found
        names = self.query_one(OptionList)
        names.add_options(Option(Text(f"{one.name}{' (lacks packages)' if one.lacking else ''}")) for one in found)
        names.highlighted = 0 if found else None

    def _outdate(self) -> None:
        """Forget the plan: it is of something else."""
        if self._planning is not None:
            self._planning.cancel()
            self._planning = None
        self._planned = []
        self.query_one("#done", Button).disabled = True
        self.query_one("#plan", Static).update("f5 plans it: what there is to do, and how long it takes")
        self.say("")

    def _show(self, plan: dict[str, Any], wanted: list[str], *, of: Planning) -> None:
        if of is not self._planning:  # something else was chosen meanwhile
            return
        self._planning = None
        command = shown(self._lake.layout.root, wanted)
        told = "\n".join(visible(line) for line in [*lines(plan), "", command])
        shown_here = self.query_one("#plan", Static)
        shown_here.update(Text(told))
        self.call_after_refresh(shown_here.scroll_visible, top=True, animate=False)
        if not plan["todo"]:
            self.say("nothing to do")
            return
        self._planned = wanted
        start = self.query_one("#done", Button)
        start.disabled = False
        start.focus()
        self.say("enter or f9 starts it in the background")

    def _unplanned(self, trouble: str, *, of: Planning) -> None:
        if of is not self._planning:
            return
        self._planning = None
        self.query_one("#plan", Static).update("no plan")
        self.refuse(trouble)

    def _begun(self, job: Job) -> None:
        self.dismiss(job)

    def _refused(self, trouble: str) -> None:
        self._busy = False
        self.refuse(trouble)

    def _late(self, job: Job) -> None:
        self.app.notify(f"it was too late to leave: {job.what} has begun; J lists it", markup=False)
