"""Any order, any repeat, any number of workers: the same cases."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.facts import Author, FactKind
from tests.usecases import world
from tests.usecases.world import MORNING, answered, at, deleted, edited, outcome, store, take, wrote


def result_of(*batches):
    table, cases = store()
    for batch in batches:
        take(cases, batch)
    return outcome(table, cases)


def repr_of_order(facts):
    return "-".join(fact.kind for fact in facts)


IN_ORDER = result_of(MORNING)


def test_the_morning_becomes_the_cases_that_a_person_would_make():
    assert [(case["thread"], case["author"], len(case["events"])) for case in IN_ORDER] == [
        ("100", "501", 5),
        ("100", "502", 2),
        ("110", "504", 3),
        ("130", "506", 3),
        ("505-900", "505", 4),
        ("90", "503", 2),
    ]


@settings(max_examples=150, deadline=None)
@given(st.permutations(MORNING), st.lists(st.sampled_from(MORNING), max_size=8), st.integers(1, 10))
def test_order_of_arrival_and_repeats_change_nothing(facts, repeats, batch):
    table, cases = store()
    take(cases, [*facts, *repeats], batch=batch)
    assert outcome(table, cases) == IN_ORDER
    assert world.parked_left(table) == []


@settings(max_examples=40, deadline=None)
@given(st.permutations(MORNING), st.integers(2, 4))
def test_workers_at_the_same_time_change_nothing(facts, lanes):
    table, cases = store()
    world.take_at_once(cases, [[*facts[lane::lanes], *facts[:2]] for lane in range(lanes)])
    assert outcome(table, cases) == IN_ORDER
    assert world.parked_left(table) == []


def test_the_same_post_as_mention_and_as_reply_is_one_mention():
    thin = wrote("100", 0, text="short…")
    full = replace(wrote("100", 0, text="short and then the rest of it"), thread_id="100", lang="en")
    assert result_of([thin, full]) == result_of([full, thin])
    [case] = result_of([thin, full])
    assert len(case["events"]) == 1
    assert "the rest of it" in case["state"]


def test_an_answer_alone_makes_no_case_and_waits_for_what_it_answers():
    table, cases = store()
    take(cases, [answered("200", 40, "100", received_at=at(41))])
    assert outcome(table, cases) == []
    take(cases, [wrote("100", 0, received_at=at(45))])
    [case] = outcome(table, cases)
    assert '"outcome":"met"' in "".join(case["clocks"])
    assert world.parked_left(table) == []


def test_a_deleted_text_never_comes_back():
    table, cases = store()
    take(cases, [deleted("100", 5)])
    take(cases, [wrote("100", 0, text="SECRET")])
    take(cases, [wrote("100", 0, text="SECRET and more"), edited("100", 2, "SECRET again")])
    assert world.items_with(table, "SECRET") == []


def test_a_deletion_takes_the_text_from_everywhere():
    table, cases = store()
    take(cases, [wrote("100", 0, text="SECRET"), edited("100", 2, "SECRET too")])
    assert world.items_with(table, "SECRET")  # so the search finds what is there
    take(cases, [deleted("100", 5)])
    assert world.items_with(table, "SECRET") == []


DELETED_WITH_EDITS = {
    "an edit of what nobody reported": [edited("100", 2, "SECRET"), deleted("100", 5)],
    "an edit without a time": [
        wrote("100", 0, text="SECRET", alias_ids=("900",)),
        edited("100", 9, "SECRET", occurred_at=None),
        deleted("900", 5),
    ],
    "an edit whose clock is ahead": [
        wrote("100", 0, text="SECRET"),
        edited("100", 9, "SECRET", alias_ids=("900",)),
        deleted("900", 5),
    ],
}


@pytest.mark.parametrize(
    "facts", [order for facts in DELETED_WITH_EDITS.values() for order in permutations(facts)], ids=repr_of_order
)
def test_no_edit_brings_a_deleted_text_back(facts):
    table, cases = store()
    take(cases, facts, batch=1)
    assert world.items_with(table, "SECRET") == []
    assert outcome(table, cases) == result_of(*([fact] for fact in sorted(facts, key=lambda fact: fact.received_at)))


@pytest.mark.parametrize(("seconds", "cases_expected"), [(0, 1), (1, 2)])
def test_seven_days_after_the_resolve_it_is_a_new_case(seconds, cases_expected):
    from chalicelib.domain.events import EventKind, action
    from chalicelib.usecases.cases.timeline import commit_for

    table, cases = store()
    take(cases, [wrote("100", 0, thread_id="t")])
    [case_id] = [pk.removeprefix("CASE#") for pk, sk in table.everything() if sk == "STATE"]
    case, _ = cases.case(case_id)
    resolve = action(EventKind.RESOLVE, action_id="r1", at=at(60), actor="ann", book=1)
    cases.commit(commit_for(case, [resolve], store=cases, promises=world.PROMISES, now=at(60)))
    late = at(60) + timedelta(days=7, seconds=seconds)
    take(cases, [wrote("101", 0, thread_id="t", occurred_at=late, received_at=late)])
    assert len(outcome(table, cases)) == cases_expected


def test_a_person_without_a_name_is_a_new_person_each_time():
    facts = [replace(wrote(str(i), i, thread_id="t"), author=None) for i in (1, 2)]
    assert len(result_of(facts)) == 2


NAMELESS = replace(wrote("100", 1, thread_id="t"), author=None)
NAMED_LATE = {
    "the only message": [NAMELESS, wrote("100", 1, thread_id="t")],
    "they have a case": [NAMELESS, wrote("100", 1, thread_id="t"), wrote("101", 0, thread_id="t")],
    "they have a younger case": [NAMELESS, wrote("100", 1, thread_id="t"), wrote("101", 9, thread_id="t")],
    "answered meanwhile": [NAMELESS, answered("102", 5, "100"), wrote("100", 1, thread_id="t")],
    "deleted": [NAMELESS, wrote("100", 1, thread_id="t"), deleted("100", 5)],
    "below a post that is not known yet": [
        replace(NAMELESS, thread_id=None, parent_id="99"),
        wrote("100", 1, parent_id="99"),
        wrote("99", 0, who="502", parent_id="98"),
    ],
}


@pytest.mark.parametrize("name", NAMED_LATE)
def test_a_person_named_late_has_the_case_that_they_would_have_had(name):
    facts = NAMED_LATE[name]
    results = [result_of(*([fact] for fact in order)) for order in permutations(facts)]
    assert all(result == results[0] for result in results)
    assert "501" in [case["author"] for case in results[0]]
    assert "?100" not in [case["author"] for case in results[0]]


def test_a_person_named_late_has_the_case_in_their_history():
    _, cases = store()
    take(cases, [NAMELESS])
    take(cases, [wrote("100", 1, thread_id="t")])
    assert len(cases.author_cases("x", "501")) == 1


def test_followers_are_kept_when_a_later_report_does_not_know_them():
    known = replace(wrote("100", 0), author=Author(id="501", followers=12_000))
    [case] = result_of([known, wrote("101", 1, parent_id="100")])
    assert '"followers":12000' in case["state"]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_threads_joined_late_bear_the_name_of_their_first_message(order):
    """In one second nobody is older: whichever case stays, its thread is named for the same message."""
    posts = [wrote("103", 5, parent_id="101"), wrote("104", 5, parent_id="103")]
    posts += [wrote("105", 4, parent_id="104"), wrote("102", 6, parent_id="101")]
    assert [case["thread"] for case in result_of(*([posts[i]] for i in order))] == ["101"]


@st.composite
def conversations(draw):
    """Threads of a few people and the brand, some of whose posts nobody reports; times may be the same."""
    ids, facts = [], []
    for number in range(100, 100 + draw(st.integers(2, 7))):
        message_id, parent_id = str(number), draw(st.sampled_from([None, *ids]))
        ids.append(message_id)
        minutes, who = draw(st.integers(0, 3)), draw(st.sampled_from(["501", "502"]))
        post = wrote(message_id, minutes, who=who, parent_id=parent_id, text=f"text of {message_id}")
        reports = {
            "mention": [post],
            "nameless at first": [post, replace(post, author=None)],
            "edited": [post, edited(message_id, minutes + 5, f"text of {message_id}", occurred_at=None)],
            "deleted": [post, deleted(message_id, minutes + 4)],
            "answer": [answered(message_id, minutes, parent_id)],
            "unreported": [],
        }
        facts += reports[draw(st.sampled_from(sorted(reports)))]
    return facts


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_conversation_in_any_order(data):
    facts = data.draw(conversations())
    mixed = data.draw(st.permutations(facts))
    table, cases = store()
    take(cases, mixed, batch=data.draw(st.integers(1, 5)))
    assert outcome(table, cases) == result_of(facts)
    for gone in (fact.message_id for fact in facts if fact.kind is FactKind.DELETE):
        assert world.items_with(table, f"text of {gone}") == []


TOLD_TWICE = [
    wrote("105", 1, parent_id="104"),
    replace(wrote("105", 1, parent_id="104"), thread_id="102"),
    wrote("106", 2, parent_id="105"),
    wrote("104", 0, parent_id="103"),
]


@pytest.mark.parametrize("facts", list(permutations(TOLD_TWICE)))
def test_one_report_that_names_the_thread_settles_it_for_those_that_do_not(facts):
    for count in range(1, 5):
        table, cases = store()
        take(cases, facts, batch=count)
        assert [(case["thread"], len(case["events"])) for case in outcome(table, cases)] == [("102", 3)]
