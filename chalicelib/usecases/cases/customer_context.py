"""What is known of a customer when a case of theirs opens, stored with its first message and never looked up again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.case.state import CaseState
from chalicelib.domain.customer import Profile
from chalicelib.domain.events import Event
from chalicelib.ports.cases import CaseRecord, CaseStore
from chalicelib.ports.customers import Customer, KnownCustomer
from chalicelib.usecases.cases.moving import NOBODY

MOST_EARLIER: Final = 19  # cases that are looked at
MONTH: Final = timedelta(days=30)
YEAR: Final = timedelta(days=365)  # a place is remembered for so long


def customer_of(case: CaseRecord) -> Customer | None:
    """None for an author whom the platform did not name."""
    if case.author_key.startswith(NOBODY):
        return None
    return Customer(platform=case.platform, author_key=case.author_key)


def introduced(case: CaseRecord, events: Sequence[Event], store: CaseStore) -> tuple[list[Event], KnownCustomer | None]:
    """
    The events of a case about to be opened, the first of the customer's messages with what is known of them.

    Two calls, or one for a customer without an earlier case. The commit must
    rest on what was known.
    """
    customer = customer_of(case)
    first = min((event for event in events if event.is_customers), key=lambda event: event.order, default=None)
    if customer is None or first is None:
        return list(events), None
    known = store.known(customer, most=MOST_EARLIER)
    earlier = earlier_of(store.cases(known.case_ids) if known.case_ids else (), first.at)
    detail = {**first.detail, **_detail(known.profile, earlier, first.at)}
    return [replace(event, detail=detail) if event is first else event for event in events], known


def reminded(case: CaseRecord, event: Event) -> Event:
    """
    A new message as it joins a case: one that was written before the case opened finds the customer's tier there, too.

    Otherwise its promise would be that of a stranger until the next message.
    """
    state = case.state
    is_before = state.opened_at is not None and event.at < state.opened_at
    if not (event.is_customers and is_before and state.tier):
        return event
    return replace(event, detail={**event.detail, "tier": state.tier})


def earlier_of(cases: Sequence[CaseRecord], before: datetime) -> list[CaseState]:
    """Those that are still cases and were opened by then."""
    states = (case.state for case in cases if case.merged_into is None)
    return [state for state in states if state.opened_at is not None and state.opened_at < before]


def complaints_in(earlier: Sequence[CaseState], at: datetime) -> int:
    """How many of them complained in the month before `at`."""
    return sum(state.complaint and _opened_after(state, at - MONTH) for state in earlier)


def _detail(profile: Profile, earlier: Sequence[CaseState], at: datetime) -> dict[str, str]:
    complaints = complaints_in(earlier, at)
    places = sorted({place for state in earlier if _opened_after(state, at - YEAR) for place in state.places})
    found = {
        "tier": profile.tier or "",
        "complaints": str(complaints) if complaints else "",
        "places": "\n".join(places[:MOST_EARLIER]),
    }
    return {name: value for name, value in found.items() if value}


def _opened_after(state: CaseState, moment: datetime) -> bool:
    return state.opened_at is not None and state.opened_at >= moment
