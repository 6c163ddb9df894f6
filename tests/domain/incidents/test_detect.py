"""Which mentions have one cause, and whether that is more than chance."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.incidents.detect import KnownIncident, detect, spikes
from chalicelib.domain.incidents.incident import in_words
from chalicelib.domain.incidents.usual import Usual
from chalicelib.domain.labels import Sentiment, Urgency
from tests.domain.incidents.people import CHATTER, LOGIN, NOW, several, signal, usual

QUIET = usual(
    people=60, term_app=1, term_bag=6, term_seat=5, term_gate=5, term_check=5, term_crew=4, term_broken=5, term_open=5
)
ORDINARY = several(CHATTER, 40, first=1000, over=115, complains=False, sentiment=Sentiment.NEUTRAL, urgency=Urgency.LOW)


def cases(signals):
    return {one.case_id for one in signals}


def known(draft, *, out=()):
    members = frozenset(cases(draft.signals)) - set(out)
    return KnownIncident(incident_id="i1", causes=draft.causes, members=members, out=frozenset(out))


def test_an_outage_in_other_words_each_time_is_one_incident():
    outage = several(LOGIN, 14)
    found = detect([*ORDINARY, *outage], [], QUIET, NOW)
    [draft] = found.opening
    assert cases(draft.signals) == cases(outage)
    assert draft.zeros > 5.5
    assert draft.causes[0].feature.startswith("term:")


def test_an_ordinary_hour_has_none():
    assert detect(ORDINARY, [], QUIET, NOW).opening == ()
    assert detect([], [], QUIET, NOW).opening == ()


def test_too_few_people_make_none_however_often_they_write():
    alone = [replace(one, who=f"w{place % 5}") for place, one in enumerate(several(LOGIN, 40))]
    assert detect([*ORDINARY, *alone], [], QUIET, NOW).opening == ()


def test_what_is_usual_at_this_hour_makes_none():
    always = usual(people=60, term_app=20, term_login=9, term_sign=9, term_error=9, term_down=6)
    assert detect([*ORDINARY, *several(LOGIN, 14, over=60)], [], always, NOW).opening == ()


def test_praise_in_numbers_is_no_incident():
    happy = several(["love the new livery of your planes"], 30, sentiment=Sentiment.POSITIVE, complains=False)
    assert detect([*ORDINARY, *happy], [], QUIET, NOW).opening == ()


def test_neutral_talk_in_numbers_is_none_either():
    calm = several(["new livery seen at the airport"], 30, sentiment=Sentiment.NEUTRAL, complains=False)
    calm = [replace(one, urgency=Urgency.LOW) for one in calm]
    assert detect([*ORDINARY, *calm], [], QUIET, NOW).opening == ()


def test_without_any_history_nobody_says_what_is_unusual():
    assert detect(several(LOGIN, 14), [], Usual([], NOW), NOW).opening == ()


def test_two_causes_at_once_are_two_incidents():
    belt = [
        "no bags, the belt at arrivals stands still",
        "conveyor at arrivals broken, no bags",
        "belt at arrivals stopped",
    ]
    outage, other = several(LOGIN, 14), several(belt, 14, first=200)
    found = detect([*ORDINARY, *outage, *other], [], QUIET, NOW)
    assert sorted(map(cases, (draft.signals for draft in found.opening)), key=min) == [cases(outage), cases(other)]


def test_many_who_join_in_one_conversation_are_an_incident():
    pile = several(["shame", "unbelievable", "boo", "really", "how"], 12, thread="one")
    [draft] = detect([*ORDINARY, *pile], [], QUIET, NOW).opening
    assert cases(draft.signals) == cases(pile)


def test_who_comes_late_joins():
    [draft] = detect([*ORDINARY, *several(LOGIN, 14)], [], QUIET, NOW).opening
    late = signal(500, "cannot sign in, app shows an error", minutes_ago=1)
    found = detect([*ORDINARY, *several(LOGIN, 14), late], [known(draft)], QUIET, NOW)
    assert found.opening == ()
    assert found.joining["i1"] == (late,)


def test_a_copy_of_a_member_joins_although_it_leaves_out_what_tells_it():
    text = "third time this month for us and our kids, we stand at the gate and nobody can help us with"
    outage = [*several(LOGIN, 14), signal(400, f"{text} the login of the app", minutes_ago=3)]
    [draft] = detect([*ORDINARY, *outage], [], QUIET, NOW).opening
    copy, other = (
        signal(501, f"{text} it", minutes_ago=1),
        signal(502, "nobody can help us with our kids", minutes_ago=1),
    )
    found = detect([*ORDINARY, *outage, copy, other], [known(draft)], QUIET, NOW)
    assert found.joining["i1"] == (copy,)


def test_who_was_taken_out_stays_out():
    outage = several(LOGIN, 14)
    [draft] = detect([*ORDINARY, *outage], [], QUIET, NOW).opening
    out = outage[3].case_id
    found = detect([*ORDINARY, *outage], [known(draft, out=[out])], QUIET, NOW)
    assert (found.joining["i1"], found.opening) == ((), ())


def test_the_same_cause_never_opens_twice():
    [draft] = detect([*ORDINARY, *several(LOGIN, 10)], [], QUIET, NOW).opening
    more = several(LOGIN, 40)
    found = detect([*ORDINARY, *more], [known(draft)], QUIET, NOW)
    assert found.opening == ()
    assert cases(found.joining["i1"]) == cases(more) - cases(draft.signals)


def test_a_channel_full_of_different_complaints_is_one_incident_of_the_channel():
    weekly = usual(people=60, **{"channel_x.main": 10}, **{f"term_w{number}": 2 for number in range(60)})
    angry = several([f"w{number} w{number + 1}" for number in range(59)], 59, over=60)
    [draft] = detect(angry, [], weekly, NOW).opening
    assert [cause.feature for cause in draft.causes] == ["channel:x.main"]


@given(st.permutations(range(54)), st.integers(0, 3))
@settings(max_examples=15, deadline=None)
def test_the_order_of_arrival_and_repeats_change_nothing(order, repeats):
    everything = [*ORDINARY, *several(LOGIN, 14)]
    shuffled = [everything[place] for place in order] + everything[:repeats]
    assert detect(shuffled, [], QUIET, NOW) == detect(everything, [], QUIET, NOW)


def test_spikes_are_named_by_channel_aspect_and_word():
    weekly = usual(people=60, **{"channel_x.main": 6, "aspect_app": 2})
    found = spikes(several(LOGIN, 14, aspects=("app",)), weekly, NOW)
    assert {one.feature for one in found} >= {"channel:x.main", "aspect:app", "term:login"}
    assert [one.zeros for one in found] == sorted((one.zeros for one in found), reverse=True)


@pytest.mark.parametrize("number", [0, 1, 7])
def test_a_handful_is_never_enough(number):
    assert detect([*ORDINARY, *several(LOGIN, number)], [], QUIET, NOW).opening == ()


# --- a stage without a history ------------------------------------------------------------------------------------

NOTHING_KNOWN = Usual([], NOW)


@pytest.mark.parametrize("texts", [LOGIN, LOGIN[:1], ["payment fails at checkout", "checkout: payment fails twice"]])
@pytest.mark.parametrize("young", [NOTHING_KNOWN, usual(people=10, hours=3)], ids=["no hour", "two hours"])
def test_eighty_people_with_one_cause_in_three_minutes_are_seen_by_a_young_stage(texts, young):
    outage = several(texts, 80, over=3)
    chatter = several(CHATTER, 10, first=1000, over=25)
    [draft] = detect([*chatter, *outage], [], young, NOW).opening
    assert len(cases(draft.signals) & cases(outage)) >= 60
    assert "not known yet" in in_words(draft.evidence[0])


def test_whoever_has_the_same_joins_it_there_too():
    outage = several(LOGIN, 80, over=3)
    [draft] = detect(outage, [], NOTHING_KNOWN, NOW).opening
    late = several(LOGIN, 20, first=500, over=1)
    found = detect([*outage, *late], [known(draft)], NOTHING_KNOWN, NOW)
    assert found.opening == ()
    assert len(cases(found.joining["i1"]) & cases(late)) >= 15


@given(st.integers(1, 300), st.integers(1, 119), st.integers(0, 5))
@settings(max_examples=60)
def test_an_ordinary_first_hour_has_no_incident_however_many_write(number, over, first):
    texts = [*CHATTER[first:], *CHATTER[:first]]
    assert detect(several(texts, number, over=over), [], NOTHING_KNOWN, NOW).opening == ()


def test_what_three_of_five_always_talk_of_makes_none():
    """An airline's customers write of flights: no floor may be lower than that."""
    flights = [f"flight {word}" for word in ("late", "to Rome", "booked")] + list(CHATTER[:2])
    for number in (20, 60, 200):
        assert detect(several(flights, number, over=15), [], NOTHING_KNOWN, NOW).opening == ()
