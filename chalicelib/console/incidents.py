"""Incidents: the list, and one with what is unusual about it, who is affected and what was done. To read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chalicelib.console.rendering import Frame, render
from chalicelib.domain.incidents.incident import Act, Incident, IncidentStatus
from chalicelib.usecases.answer_all import reasons
from chalicelib.usecases.incidents import IncidentView

_DEEDS: Final[Mapping[Act, str]] = {
    Act.OPENED: "opened it",
    Act.PAGED: "called",
    Act.ACKNOWLEDGED: "is on it",
    Act.RENAMED: "named it",
    Act.TAKEN_OUT: "took out",
    Act.PUT_IN: "put in",
    Act.ANSWERED: "answered everybody, job",
    Act.QUIET: "found nobody new for half an hour",
    Act.BACK: "found somebody new",
    Act.CLOSED: "closed it",
    Act.TOLD_OVER: "said that it is over to",
}
_ABOUT_A_CASE: Final = (Act.TAKEN_OUT, Act.PUT_IN)
_STATUS: Final = {
    IncidentStatus.OPEN: ("late", "going on"),
    IncidentStatus.WATCHING: ("soon", "quiet, watched"),
    IncidentStatus.CLOSED: ("calm", "over"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentListing:
    """What is listed: incidents that are over, or those that go on."""

    incidents: Sequence[Incident]
    closed: bool


def draw_list(listing: IncidentListing, frame: Frame) -> str:
    """The page of the list."""
    return render("incidents.html", frame=frame, closed=listing.closed, incidents=listing.incidents, badges=_STATUS)


def draw(view: IncidentView, frame: Frame) -> str:
    """The page of one incident."""
    incident = view.incident
    return render(
        "incident.html",
        frame=frame,
        view=view,
        incident=incident,
        status=_STATUS[incident.status][1],
        told=next((call for call in incident.calls if call.sent_at), None),
        most=max((step.people for step in view.growth), default=0),
        skipped={answer.answer_id: ", ".join(reasons(answer)) for answer in view.answers},
        deeds=_DEEDS,
        about_a_case=_ABOUT_A_CASE,
    )
