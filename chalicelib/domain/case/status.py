"""
Where a case stands, and what moves it: the table that the fold, the buttons and the documents share.

`docs/case-status.md` is made of it by `python -m infra.operate.status_table --write`.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from chalicelib.domain.events import EventKind


class CaseStatus(StrEnum):
    """Where a case stands."""

    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    ON_HOLD_INTERNAL = "on_hold_internal"
    RESOLVED = "resolved"
    SPAM = "spam"


CLOSED: Final = frozenset({CaseStatus.RESOLVED, CaseStatus.SPAM})
PAUSED: Final = frozenset({CaseStatus.WAITING_CUSTOMER, CaseStatus.ON_HOLD_INTERNAL})
_NOT_CLOSED: Final = tuple(status for status in CaseStatus if status not in CLOSED)

# What an event makes of a status; where there is no line, nothing. Some events count only under a condition:
# an answer that a person wrote, a message that is not withdrawn, a resolve while no answer is on its way.
TRANSITIONS: Final[Mapping[EventKind, Mapping[CaseStatus, CaseStatus]]] = MappingProxyType(
    {
        EventKind.MENTION: {
            CaseStatus.WAITING_CUSTOMER: CaseStatus.OPEN,
            CaseStatus.RESOLVED: CaseStatus.OPEN,
        },
        EventKind.REPLY: {CaseStatus.NEW: CaseStatus.OPEN},
        EventKind.ANSWER: {CaseStatus.NEW: CaseStatus.OPEN},
        EventKind.ASSIGN: {CaseStatus.NEW: CaseStatus.OPEN},
        EventKind.WAIT: dict.fromkeys(_NOT_CLOSED, CaseStatus.WAITING_CUSTOMER),
        EventKind.HOLD: dict.fromkeys(_NOT_CLOSED, CaseStatus.ON_HOLD_INTERNAL),
        EventKind.OPEN: dict.fromkeys(_NOT_CLOSED, CaseStatus.OPEN),
        EventKind.RESOLVE: dict.fromkeys(_NOT_CLOSED, CaseStatus.RESOLVED),
        EventKind.SPAM: dict.fromkeys([*_NOT_CLOSED, CaseStatus.RESOLVED], CaseStatus.SPAM),
    }
)
# What takes another event back leaves the case as its other events make it, and from which status it may.
TAKES_BACK: Final[Mapping[EventKind, CaseStatus]] = MappingProxyType(
    {EventKind.REOPEN: CaseStatus.RESOLVED, EventKind.RESTORE: CaseStatus.SPAM}
)


def status_after(status: CaseStatus, kind: EventKind) -> CaseStatus:
    """The status after an event of this kind that counts."""
    return TRANSITIONS.get(kind, {}).get(status, status)


def actions_in(status: CaseStatus) -> frozenset[EventKind]:
    """What an agent may do with a case that stands there; the console draws its buttons from this."""
    moves = {
        kind
        for kind in (EventKind.WAIT, EventKind.HOLD, EventKind.RESOLVE, EventKind.SPAM)
        if status in TRANSITIONS[kind]
    }
    moves |= {EventKind.OPEN} if status in PAUSED else set()
    moves |= {kind for kind, taken_back in TAKES_BACK.items() if taken_back is status}
    if status is CaseStatus.SPAM:
        return frozenset({EventKind.NOTE, *moves})
    others = {EventKind.NOTE, EventKind.ASSIGN, EventKind.PRIORITY, EventKind.REPLY}
    return frozenset(moves | others | (set() if status in CLOSED else {EventKind.MERGE}))  # another case joins this one
