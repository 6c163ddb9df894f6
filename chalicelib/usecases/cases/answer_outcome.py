"""What came of an answer, with what the same customer wrote in other cases."""

from collections.abc import Sequence

from chalicelib.domain.case.status import CaseStatus
from chalicelib.domain.events import Event
from chalicelib.domain.outcome import Aftermath, aftermath
from chalicelib.ports.cases import CaseRecord, CaseStore
from chalicelib.usecases.cases.customer_context import MOST_EARLIER, customer_of


def aftermath_of(
    case: CaseRecord, events: Sequence[Event], store: CaseStore, *, others: Sequence[CaseRecord] | None = None
) -> Aftermath | None:
    """
    None for a case without an answer by a person, and for spam.

    `others` are the newest other cases of the customer, looked up when not
    given. Reads the timelines of those alone in which they wrote at the time.
    """
    alone = aftermath(events) if case.state.status is not CaseStatus.SPAM else None
    if alone is None:
        return None
    others = _others(case, store) if others is None else others
    concerned = [other for other in others if _wrote_meanwhile(other, alone)]
    elsewhere = [event for other in concerned for event in store.events(other.case_id) if event.is_customers]
    return aftermath(events, elsewhere) if elsewhere else alone


def _others(case: CaseRecord, store: CaseStore) -> Sequence[CaseRecord]:
    customer = customer_of(case)
    if customer is None:
        return ()
    known = store.known(customer, most=MOST_EARLIER + 1)
    ids = [case_id for case_id in known.case_ids if case_id != case.case_id]
    return store.cases(ids) if ids else ()


def _wrote_meanwhile(other: CaseRecord, found: Aftermath) -> bool:
    state = other.state
    if other.merged_into is not None or state.latest_at is None or state.opened_at is None:
        return False
    return state.latest_at > found.answered_at and state.opened_at <= found.decided_at
