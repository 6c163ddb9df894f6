"""The table of statuses is what the fold does, all of it and nothing else."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.case.fold import follow, replay
from chalicelib.domain.case.state import CaseState, allowed_actions
from chalicelib.domain.case.status import CLOSED, TAKES_BACK, TRANSITIONS, CaseStatus, actions_in, status_after
from chalicelib.domain.events import Event, EventKind
from chalicelib.domain.facts import FactKind
from infra.operate import status_table
from tests.domain.test_case import BOOKS, did, said

# What an agent or a customer may do beside the table; none of it has a status of its own.
BESIDE = (EventKind.NOTE, EventKind.PRIORITY, EventKind.TIER, EventKind.TAKE_BACK, EventKind.REPLY_FAILED)
KINDS = (*TRANSITIONS, *TAKES_BACK, *BESIDE)


DETAILS = {
    EventKind.PRIORITY: {"to": "high"},
    EventKind.TIER: {"to": "gold"},
    EventKind.ASSIGN: {"to": "ann"},
    **{kind: {"reply_id": "r1"} for kind in (EventKind.REPLY, EventKind.REPLY_FAILED, EventKind.TAKE_BACK)},
}


def event(kind: EventKind, minute: int) -> Event:
    if kind is EventKind.MENTION:
        return said(FactKind.MENTION, str(100 + minute), minute)
    if kind is EventKind.ANSWER:
        return said(FactKind.ANSWER, str(100 + minute), minute, parent_id="100")
    return did(kind, minute, **DETAILS.get(kind, {}))


def told(*kinds: EventKind) -> Iterator[tuple[Event | None, CaseState]]:
    """A case that began with a message, as each event left it."""
    timeline = [event(EventKind.MENTION, 0), *(event(kind, number) for number, kind in enumerate(kinds, 1))]
    for one, states in follow(timeline, BOOKS):
        yield one, states[0]


def test_a_status_changes_by_the_table_and_by_nothing_else() -> None:
    reached: Counter[tuple[CaseStatus, EventKind]] = Counter()

    @settings(deadline=None, max_examples=400)
    @given(st.lists(st.sampled_from(KINDS), min_size=1, max_size=8))
    def follows_the_table(kinds: list[EventKind]) -> None:
        for (_, before), (one, after) in pairwise(told(*kinds)):
            assert one is not None
            reached[before.status, one.kind] += 1
            if one.kind in TAKES_BACK:
                assert before.status is TAKES_BACK[one.kind] or after.status is before.status
            elif one.kind is EventKind.RESOLVE and before.outbox:
                assert after.status is before.status
            elif one.kind is EventKind.ANSWER and before.resolve_pending and not after.resolve_pending:
                assert after.status is CaseStatus.RESOLVED
            else:
                assert after.status is status_after(before.status, one.kind)

    follows_the_table()
    lines = {(status, kind) for kind, row in TRANSITIONS.items() for status in row}
    assert len(lines & set(reached)) > 0.8 * len(lines)
    assert {status for status, _ in reached} == set(CaseStatus)


WAYS = {
    CaseStatus.NEW: (),
    CaseStatus.OPEN: (EventKind.ASSIGN,),
    CaseStatus.WAITING_CUSTOMER: (EventKind.WAIT,),
    CaseStatus.ON_HOLD_INTERNAL: (EventKind.HOLD,),
    CaseStatus.RESOLVED: (EventKind.RESOLVE,),
    CaseStatus.SPAM: (EventKind.SPAM,),
}


@pytest.mark.parametrize(("status", "kind"), product(CaseStatus, TRANSITIONS))
def test_every_cell_of_the_table_is_what_the_fold_makes_of_it(status: CaseStatus, kind: EventKind) -> None:
    *_, (_, before), (_, after) = told(*WAYS[status], kind)
    assert before.status is status
    assert after.status is status_after(status, kind)


@pytest.mark.parametrize(("kind", "status"), TAKES_BACK.items())
@pytest.mark.parametrize("earlier", [status for status in CaseStatus if status not in CLOSED])
def test_what_is_taken_back_leaves_the_case_where_it_stood(
    kind: EventKind, status: CaseStatus, earlier: CaseStatus
) -> None:
    *_, (_, before), (_, after) = told(*WAYS[earlier], *WAYS[status], kind)
    assert (before.status, after.status) == (status, earlier)


@pytest.mark.parametrize("status", CaseStatus)
def test_no_action_is_offered_that_would_change_nothing(status: CaseStatus) -> None:
    moves = actions_in(status) & {*TRANSITIONS, *TAKES_BACK} - {EventKind.ASSIGN, EventKind.REPLY}
    stays = {kind for kind in moves if kind not in TAKES_BACK and status_after(status, kind) is status}
    assert stays <= {EventKind.WAIT, EventKind.HOLD}  # said again they begin the wait anew
    assert {kind for kind in moves & set(TAKES_BACK) if TAKES_BACK[kind] is not status} == set()


def test_an_answer_can_be_taken_back_while_it_is_on_its_way_and_only_then() -> None:
    waiting = replay([event(EventKind.MENTION, 0), event(EventKind.REPLY, 1)], BOOKS)
    assert EventKind.TAKE_BACK in allowed_actions(waiting)
    assert EventKind.TAKE_BACK not in allowed_actions(replay([event(EventKind.MENTION, 0)], BOOKS))


def test_the_page_shows_the_table() -> None:
    assert status_table.PAGE.read_text() == status_table.page(), "run `python -m infra.operate.status_table --write`"
