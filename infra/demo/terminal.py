"""The morning on a terminal: one line for each thing that matters, colours only where somebody looks."""

import os
import shutil
import sys
import textwrap
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Final, TextIO

from chalicelib.domain.platforms import name_of
from infra.demo.player import PageSeen
from infra.demo.script import ScriptLine, Told
from infra.terminal import one_line

COLUMNS: Final = (60, 110)  # narrower is not readable, wider is not read
GROUPS: Final[Mapping[str, str]] = {"on-call": "on-call", "care-lead": "care lead", "team": "team"}
MARKS: Final[Mapping[Told, str]] = {
    Told.WROTE: ">",
    Told.ANSWERED: "<",
    Told.CHANGED: "~",
    Told.AGAIN: "=",
    Told.NOTHING: ".",
    Told.TROUBLE: "x",
    Told.ACTED: "@",
    Told.TAKEN: "+",
    Told.LAPSED: "/",
}
LEGEND: Final = (
    "> a customer writes    < the airline answers in the platform's own app    @ an agent acts in Earshot",
    "! people are paged     ? they are warned before    - they hear that it is over",
    "+ one of them is on it, says the page behind the link                     / no longer: the next step goes out",
    "= known already        ~ changed or deleted        . no mention        x refused, or not to be read",
)
STYLES: Final[Mapping[str, str]] = {
    ">": "0",
    "<": "32",
    "~": "36",
    "=": "2",
    ".": "2",
    "x": "33",
    "@": "1;32",
    "+": "36",  # somebody is on it
    "/": "33",
    "!": "1;31",
    "?": "33",  # a warning
    "-": "32",  # it is over
}


class Terminal:
    """Satisfies `player.Screen`. Stand-ins tell from threads of their own, so every line is printed whole."""

    def __init__(self, out: TextIO | None = None, env: Mapping[str, str] | None = None) -> None:
        self._out = out or sys.stdout
        env = os.environ if env is None else env
        self._colours = self._out.isatty() and not env.get("NO_COLOR") and env.get("TERM") != "dumb"
        least, most = COLUMNS
        self.columns = min(most, max(least, shutil.get_terminal_size((100, 24)).columns))
        self._lock = threading.Lock()

    def say(self, text: str = "", style: str = "0") -> None:
        """A line as it is."""
        with self._lock:
            print(self.styled(text, style), file=self._out, flush=True)

    def styled(self, text: str, style: str) -> str:
        return f"\033[{style}m{text}\033[0m" if self._colours and style != "0" and text else text

    # --- the player's

    def minute(self, now: datetime) -> None:
        """On a terminal the time stands where the next line will be."""
        if self._colours:
            with self._lock:
                print(f"\r\033[2m{now:%H:%M}\033[0m\r", end="", file=self._out, flush=True)

    def line(self, at: datetime, platform: str, line: ScriptLine) -> None:
        who = one_line(line.who)
        said = one_line(line.text)
        self._row(at, MARKS[line.about], name_of(platform), f"{who}: {said}")

    def page(self, at: datetime, page: PageSeen) -> None:
        group = GROUPS.get(page.group, page.group)
        author = one_line(page.author)
        if page.kind == "warning":
            due = f"{page.due_at:%H:%M}" if page.due_at else "soon"
            self._row(at, "?", "warning", f"to the {group}: {author} was promised an answer by {due}")
        elif page.kind == "breach":
            since = f"{page.waiting_since:%H:%M}" if page.waiting_since else "some time"
            self._row(at, "!", "PAGE", f"{group} is paged: {author} has waited since {since}")
        else:
            self._row(at, "-", "over", f"{group} hears that {author} has an answer")

    def _row(self, at: datetime, mark: str, where: str, what: str) -> None:
        head = f"{at:%H:%M:%S} {mark} {where:<8} "
        lines = textwrap.wrap(what, self.columns, initial_indent=head, subsequent_indent=" " * len(head))
        self.say("\n".join(lines), STYLES[mark])
