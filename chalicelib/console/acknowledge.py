"""A page as the link of an alert shows it, on a phone and at night: who waits, since when, what broke, one button."""

from datetime import datetime
from typing import Final

from chalicelib.console.rendering import render
from chalicelib.domain.clock import METRIC_WORDS
from chalicelib.usecases.acknowledge import MOST_NAME_CHARS, AcknowledgeView, Standing
from chalicelib.usecases.show import name_of

FAILED: Final = "Nothing was recorded. Load the page again; if it stays so, open the case itself."
GONE: Final = "This link is not valid, or not any more. Links in alerts work for three days."


def draw(view: AcknowledgeView, *, now: datetime, name: str = "", trouble: str = "") -> str:
    """The page. `name` is what the form begins with."""
    return render(
        "acknowledge.html",
        view=view,
        title=_title(view),
        author=name_of(view.case.state.author),
        metric=METRIC_WORDS[view.clock.metric] if view.clock else "",
        name=name,
        trouble=trouble,
        most_name_chars=MOST_NAME_CHARS,
        now=now,
    )


def _title(view: AcknowledgeView) -> str:
    if view.standing is Standing.WAITING:
        return "A customer waits" if view.count == 1 else f"{view.count} customers wait"
    return {
        Standing.TAKEN: "Somebody is on it",
        Standing.LAPSED: "A customer still waits",
        Standing.OVER: "It is over",
    }[view.standing]


def gone() -> str:
    """For links that lead nowhere."""
    return render("message.html", title="Nothing here", text=GONE, back="")


def failed(text: str = FAILED) -> str:
    """For when something did not work."""
    return render("message.html", title="This did not work", text=text, back="")
