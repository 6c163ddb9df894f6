"""
Whoever was paged says that they are on it, by the link in the page.

Looking changes nothing: mail scanners and previews follow links. Saying so is
an event of the case, so the ladder keeps quiet from the same state that drives
it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from chalicelib.domain.alerts import links
from chalicelib.domain.case.state import Acknowledgement, ClockAlert
from chalicelib.domain.clock import Clock
from chalicelib.domain.events import US, Event, EventKind, action, event_key
from chalicelib.domain.visible import is_blank, quoted
from chalicelib.ports.cases import AckLink, CaseRecord, CaseStore
from chalicelib.ports.policies import Promises
from chalicelib.ports.waiting import Backoff
from chalicelib.usecases.cases.moving import current_case
from chalicelib.usecases.cases.timeline import at_the_end, commit_for, retrying

MOST_NAME_CHARS: Final = 60


class UnknownLink(Exception):
    """No page has this link, or it has expired. Next step: open the case itself."""


class NameNeeded(Exception):
    """Nobody has said who it is. Next step: say it."""


class Standing(StrEnum):
    """How things stand with a page."""

    WAITING = "waiting"  # nobody has said that they are on it
    TAKEN = "taken"  # somebody is on it
    LAPSED = "lapsed"  # somebody was, and their time has run out: a newer page has a link of its own
    OVER = "over"  # nobody waits any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What acknowledging needs from outside."""

    store: CaseStore
    promises: Promises
    backoff: Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeView:
    """
    A page as its link shows it.

    `count` is how many customers it is about; case and clock are those of
    one of them. `clock` is None once it is over; `given` while nobody has acknowledged.
    """

    standing: Standing
    case: CaseRecord
    link: AckLink
    clock: Clock | None = None
    count: int = 1
    given: Acknowledgement | None = None


def look(code: str, ports: Ports, now: datetime) -> AcknowledgeView:
    """The page that the link is about. Raises UnknownLink."""
    shares = _shares(_link(code, ports, now), ports.store)
    views = []
    for share in shares:
        case, known = _case(share, ports, now)
        views.append(_view(share, case, known, now))
        if views[-1].standing is Standing.WAITING:  # nothing matters more, and there may be hundreds
            break
    return replace(_first(views), count=len(shares))


def acknowledge(code: str, name: str, ports: Ports, now: datetime) -> AcknowledgeView:
    """
    Keep the ladder quiet while `name` sees to it; whoever comes second is shown who was first.

    A digest is taken on clock by clock: cut short, it still shows as waiting,
    and pressing again does the rest.

    Raises UnknownLink, NameNeeded and `timeline.Overtaken`.
    """
    link = _link(code, ports, now)
    if is_blank(name):
        raise NameNeeded
    who = claimed(name)
    shares = _shares(link, ports.store)
    views = [_taken(share, who, ports, now) for share in shares]
    return replace(_first(views), count=len(shares))


def claimed(name: str) -> str:
    """
    Who has acknowledged, by what they said of themselves.

    Whoever has the link may say any name: it never reads as one of our users, whose names have no spaces.
    """
    return f"somebody (says: {quoted(name, MOST_NAME_CHARS)})"


def _taken(link: AckLink, who: str, ports: Ports, now: datetime) -> AcknowledgeView:
    return retrying(lambda: _acknowledge(link, who, ports, now), ports.backoff)


def _first(views: Sequence[AcknowledgeView]) -> AcknowledgeView:
    """The one that needs most to be done."""
    return min(views, key=lambda view: [*Standing].index(view.standing))


def _shares(link: AckLink, store: CaseStore) -> tuple[AckLink, ...]:
    """The link as it covers each clock of its digest; itself for a single page."""
    members = store.digest_members(link.digest_id) if link.digest_id else ()
    shares = tuple(
        replace(
            link,
            case_id=member.case_id,
            due=replace(link.due, clock_id=member.clock_id, generation=member.generation),
        )
        for member in members
    )
    return shares or (link,)


def _acknowledge(link: AckLink, who: str, ports: Ports, now: datetime) -> AcknowledgeView:
    case, known = _case(link, ports, now)
    view = _view(link, case, known, now)
    if view.standing is not Standing.WAITING:
        return view
    event = _event(link, who, now, ports.promises.current)
    events = at_the_end(case.state, [event])
    commit = commit_for(case, events, store=ports.store, promises=ports.promises, now=now)
    if commit is None or commit.case is None:
        return view
    ports.store.commit(commit)
    return _view(link, commit.case, {event.key: events[0]}, now)


def _event(link: AckLink, who: str, now: datetime, book: int) -> Event:
    due = link.due
    detail = {
        "clock": due.clock_id,
        "generation": str(due.generation),
        "step": str(due.step),
        "group": due.group,
        "name": who,
    }
    return action(EventKind.ACKNOWLEDGED, action_id=due.page_id, at=now, actor=who, detail=detail, book=book)


# --- reading ----------------------------------------------------------------------------------------------------


def _link(code: str, ports: Ports, now: datetime) -> AckLink:
    link = ports.store.link(links.hash_of(code)) if links.is_code(code) else None
    if link is None or now >= link.expires_at:
        raise UnknownLink
    return link


def _case(link: AckLink, ports: Ports, now: datetime) -> tuple[CaseRecord, Mapping[str, Event]]:
    return current_case(
        link.case_id,
        store=ports.store,
        promises=ports.promises,
        now=now,
        backoff=ports.backoff,
        event_keys=[_key(link)],
    )


def _key(link: AckLink) -> str:
    return event_key(US, link.due.page_id, EventKind.ACKNOWLEDGED)


def _view(link: AckLink, case: CaseRecord, known: Mapping[str, Event], now: datetime) -> AcknowledgeView:
    clock, alert = _clock(link, case), _alert(link, case)
    if clock is None or alert is None:
        return AcknowledgeView(standing=Standing.OVER, case=case, link=link)
    given = alert.acknowledgement
    if given is None or (not alert.is_quiet(now) and _key(link) not in known):
        return AcknowledgeView(standing=Standing.WAITING, case=case, link=link, clock=clock)
    standing = Standing.TAKEN if alert.is_quiet(now) else Standing.LAPSED
    return AcknowledgeView(standing=standing, case=case, link=link, clock=clock, given=given)


def _clock(link: AckLink, case: CaseRecord) -> Clock | None:
    wanted = (link.due.clock_id, link.due.generation)
    return next((clock for clock in case.state.running if (clock.id, clock.generation) == wanted), None)


def _alert(link: AckLink, case: CaseRecord) -> ClockAlert | None:
    wanted = (link.due.clock_id, link.due.generation)
    return next((alert for alert in case.state.alerts if (alert.clock_id, alert.generation) == wanted), None)
