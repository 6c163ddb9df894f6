"""A case's clocks explained, from the table."""

import pytest

from chalicelib.domain.events import EventKind
from chalicelib.ports.policies import Promises
from chalicelib.usecases.act import MoveCase
from chalicelib.usecases.cases.moving import UnknownCase
from chalicelib.usecases.explain import explain
from tests.usecases.test_act import Desk
from tests.usecases.world import PROMISES, answered, at, take, wrote


def test_every_clock_is_explained_running_and_ended():
    desk = Desk()
    take(desk.cases, [answered("102", 20, "100"), wrote("103", 30, parent_id="102")])
    explained = explain(desk.case_id, store=desk.cases, promises=PROMISES, now=at(40))
    assert [(clock.name, clock.outcome) for clock in explained.clocks] == [
        ("first reply", "met"),
        ("resolution", "running"),
        ("next reply", "running"),
    ]
    assert explained.clocks[0].steps[-1].text.startswith("Kept. On Tue 3 Mar, 10:20 the brand answered (message 102)")


def test_without_the_policies_there_is_still_something_to_say():
    desk = Desk()
    desk.act(MoveCase(kind=EventKind.RESOLVE))
    explained = explain(desk.case_id, store=desk.cases, promises=Promises(books={}), now=at(40))
    assert all("can no longer be read" in clock.steps[1].text for clock in explained.clocks)
    assert len(explained.clocks) == 2


def test_a_case_that_is_not_there():
    with pytest.raises(UnknownCase):
        explain("c0123456789abcde", store=Desk().cases, promises=PROMISES, now=at(0))
