"""What people do to an incident: each thing once, with their name."""

import pytest

from chalicelib.domain.incidents.incident import Act, IncidentStatus
from chalicelib.usecases import incidents
from chalicelib.usecases.incidents import KeyMismatch, RequestInvalid, UnknownIncident
from tests.usecases.outage import BEGAN, Airline, outage
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import at, wrote


@pytest.fixture
def airline():
    found = Airline()
    found.hear([*outage(14), wrote("99900", 5, who="999", text="which gate do I need")])
    found.watch()
    return found


def deeds(airline):
    return [(deed.act, deed.actor, deed.detail) for deed in airline.one.history]


def test_the_first_who_says_so_is_on_it(airline):
    airline.act(Act.ACKNOWLEDGED)
    airline.act(Act.ACKNOWLEDGED, actor="bob", key="k2")
    assert (airline.one.acknowledged_by, airline.one.acknowledged_at) == ("ann", at(BEGAN + 2))
    assert deeds(airline)[-2:] == [(Act.ACKNOWLEDGED, "ann", ""), (Act.ACKNOWLEDGED, "bob", "")]


def test_a_title_is_cleaned_and_cut(airline):
    airline.act(Act.RENAMED, "  Login\u202e broken\n " + "x" * 200)
    assert airline.one.title.startswith("Login broken xxx")
    assert len(airline.one.title) <= incidents.MOST_TITLE_CHARS
    with pytest.raises(RequestInvalid):
        airline.act(Act.RENAMED, " \u202e ", key="k2")


def test_a_case_is_taken_out_and_put_back(airline):
    case_id = airline.members[0].case_id
    airline.act(Act.TAKEN_OUT, case_id)
    assert airline.one.people == 13
    assert airline.incidents.of_cases([case_id]) == {}
    airline.watch(BEGAN + 3)
    assert airline.one.people == 13
    airline.act(Act.PUT_IN, case_id, key="k2")
    assert airline.one.people == 14
    assert airline.incidents.of_cases([case_id]) == {case_id: airline.one.incident_id}


def test_any_case_may_be_put_in_by_hand(airline):
    case_id = airline.case_of("99900")
    airline.act(Act.PUT_IN, case_id)
    [member] = [member for member in airline.members if member.case_id == case_id]
    assert (member.by, airline.one.people) == ("ann", 15)


@pytest.mark.parametrize(
    ("act", "value"), [(Act.TAKEN_OUT, "c000000000000000"), (Act.PUT_IN, "c000000000000000"), (Act.OPENED, "")]
)
def test_what_cannot_be(airline, act, value):
    before = airline.table.everything()
    with pytest.raises(RequestInvalid):
        airline.act(act, value)
    assert airline.table.everything() == before


def test_what_is_done_already_says_so(airline):
    case_id = airline.members[0].case_id
    with pytest.raises(RequestInvalid):
        airline.act(Act.PUT_IN, case_id)
    airline.act(Act.CLOSED)
    with pytest.raises(RequestInvalid):
        airline.act(Act.CLOSED, key="k2")


def test_a_repeat_is_the_first_one(airline):
    first = airline.act(Act.CLOSED)
    assert airline.act(Act.CLOSED) == first
    assert deeds(airline).count((Act.CLOSED, "ann", "")) == 1
    with pytest.raises(KeyMismatch):
        airline.act(Act.RENAMED, "another")
    airline.act(Act.RENAMED, "another", actor="bob")


def test_a_closed_one_stays_closed(airline):
    airline.act(Act.CLOSED)
    airline.watch_until(BEGAN + 6, first=BEGAN + 3)
    [closed, *_] = [one for one in airline.all if one.status is IncidentStatus.CLOSED]
    assert closed.closed_at == at(BEGAN + 2)
    assert airline.incidents.listed(closed=True, limit=10).incidents == (closed,)


def test_an_unknown_one():
    airline = Airline()
    request = incidents.IncidentRequest(act=Act.CLOSED, actor="ann", key="k1")
    with pytest.raises(UnknownIncident):
        incidents.act("i000000000000000", request, airline.handling, at(1))
    with pytest.raises(UnknownIncident):
        incidents.show("i000000000000000", airline.handling)


def test_the_view_has_growth_and_members_in_the_order_of_time(airline):
    view = incidents.show(airline.one.incident_id, airline.handling)
    assert sum(step.people for step in view.growth) == 14
    assert [member.at for member in view.members] == sorted(member.at for member in view.members)
    assert view.left_out == 0
    assert view.causes


@pytest.mark.parametrize("act", [Act.ACKNOWLEDGED, Act.CLOSED, Act.TAKEN_OUT])
def test_killed_at_any_call_and_asked_again(act):
    def prepared():
        found = Airline()
        found.hear(outage(14))
        found.watch()
        return found

    def done(airline, counter):
        request = incidents.IncidentRequest(act=act, actor="ann", key="k1", value=value if act is Act.TAKEN_OUT else "")
        wired = incidents.Ports(
            incidents=Tripwire(airline.incidents, counter), store=airline.cases, backoff=airline.handling.backoff
        )
        incidents.act(airline.one.incident_id, request, wired, at(BEGAN + 2))

    airline, counter = prepared(), Counter()
    value = airline.members[3].case_id
    done(airline, counter)
    undisturbed = (airline.one, airline.members)
    for death in every_death(counter.calls):
        airline = prepared()
        with pytest.raises(Killed):
            done(airline, death)
        done(airline, Counter())
        assert (airline.one, airline.members) == undisturbed, death
