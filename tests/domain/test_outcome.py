"""What came of an answer, from events alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.attainment import Share
from chalicelib.domain.events import Event, EventKind
from chalicelib.domain.facts import FactKind
from chalicelib.domain.labels import UNLABELLED, Label, Reason, Sentiment, Urgency, Verdict
from chalicelib.domain.outcome import After, Outcomes, aftermath, counted
from tests.domain.test_case import answer, at, did, mention, said

DAY = 24 * 60
COMPLAINT = replace(UNLABELLED, complaint=Label(Verdict.YES, 0.9), urgency=Label(Urgency.NORMAL, 0.9))
ANGRY = replace(COMPLAINT, urgency=Label(Urgency.HIGH, 0.9))
PLEASED = replace(UNLABELLED, sentiment=Label(Sentiment.POSITIVE, 0.9))
PRAISE = replace(UNLABELLED, reason=Label(Reason.PRAISE, 0.9))
DISPLEASED = replace(UNLABELLED, sentiment=Label(Sentiment.NEGATIVE, 0.9))


def wrote(message_id: str, minutes: float, labels=UNLABELLED, *, channel: str = "x.main") -> Event:
    event = mention(message_id, minutes)
    return replace(event, labels=labels, fact=replace(event.fact, channel=channel))


ASKED = wrote("100", 0, COMPLAINT)
ANSWER = answer("101", 30)
STORIES = {
    "nothing": ((), After.SILENT),
    "thanks": ((wrote("102", 40, PLEASED),), After.THANKED),
    "praise": ((wrote("102", 40, PRAISE),), After.THANKED),
    "a question": ((wrote("102", 40),), After.REPLIED),
    "a complaint": ((wrote("102", 40, COMPLAINT),), After.REPEATED),
    "still displeased": ((wrote("102", 40, DISPLEASED),), After.REPEATED),
    "angrier": ((wrote("102", 40, ANGRY),), After.ESCALATED),
    "a complaint and then thanks": ((wrote("102", 40, COMPLAINT), wrote("103", 50, PLEASED)), After.THANKED),
    "thanks and then a complaint": ((wrote("102", 40, PLEASED), wrote("103", 50, COMPLAINT)), After.REPEATED),
    "thanks and then a question": ((wrote("102", 40, PLEASED), wrote("103", 50)), After.THANKED),
    "a deletion": ((said(FactKind.DELETE, "100", 40),), After.DELETED),
    "an edit": ((said(FactKind.EDIT, "100", 40, version=1),), After.EDITED),
    "both": ((said(FactKind.EDIT, "100", 40, version=1), said(FactKind.DELETE, "100", 50)), After.DELETED),
    "thanks and a deletion": ((wrote("102", 40, PLEASED), said(FactKind.DELETE, "100", 50)), After.THANKED),
    "a complaint that was taken back": ((wrote("102", 40, COMPLAINT), said(FactKind.DELETE, "102", 50)), After.SILENT),
    "thanks a week and a second later": ((wrote("102", 30 + 7 * DAY + 1 / 60, PLEASED),), After.SILENT),
    "thanks in the last second": ((wrote("102", 30 + 7 * DAY, PLEASED),), After.THANKED),
    "only we spoke": ((answer("102", 40), did(EventKind.NOTE, 41), did(EventKind.RESOLVE, 42)), After.SILENT),
}


@pytest.mark.parametrize("name", STORIES)
def test_what_the_customer_did_last(name):
    later, after = STORIES[name]
    found = aftermath([ASKED, ANSWER, *later])
    assert (found.after, found.answered_at, found.decided_at) == (after, at(30), at(30 + 7 * DAY))
    assert found.won_back is (after is After.THANKED)


def test_without_an_answer_by_a_person_nothing_can_come_of_it():
    automatic = answer("101", 30, by_person=False)
    before = answer("99", -30)
    for timeline in ([], [ASKED], [ASKED, automatic], [before, ASKED], [ANSWER]):
        assert aftermath(timeline) is None


def test_other_cases_of_the_customer_count():
    asked = [ASKED, ANSWER]
    assert aftermath(asked, [wrote("200", DAY, COMPLAINT)]).after is After.REPEATED
    assert aftermath(asked, [wrote("200", DAY, COMPLAINT, channel="facebook.page")]).after is After.ESCALATED
    assert aftermath(asked, [wrote("200", DAY, PLEASED, channel="facebook.page")]).after is After.THANKED
    for elsewhere in (wrote("200", 8 * DAY, COMPLAINT), wrote("50", -DAY, COMPLAINT), answer("201", DAY)):
        assert aftermath(asked, [elsewhere]).after is After.SILENT


def test_only_who_complained_can_be_won_back():
    found = aftermath([wrote("100", 0), ANSWER, wrote("102", 40, PLEASED)])
    assert (found.after, found.won_back) == (After.THANKED, None)


def test_outcomes_add_up():
    stories = [aftermath([ASKED, ANSWER, *later]) for later, _ in STORIES.values()]
    total = sum((counted(found) for found in stories), Outcomes())
    assert total.total == total.won_back + total.lost == len(STORIES)
    assert (total.thanked, total.silent) == (6, 4)
    assert total.share_won_back == Share(met=6, breached=len(STORIES) - 6)


labels = st.sampled_from([UNLABELLED, COMPLAINT, ANGRY, PLEASED, DISPLEASED])
events = st.one_of(
    st.builds(lambda i, m, lab: wrote(f"1{i}", m, lab), st.integers(0, 9), st.integers(0, 9 * DAY), labels),
    st.builds(lambda i, m: answer(f"2{i}", m), st.integers(0, 9), st.integers(0, 9 * DAY)),
    st.builds(lambda i, m: said(FactKind.DELETE, f"1{i}", m), st.integers(0, 9), st.integers(0, 9 * DAY)),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(events, max_size=12, unique_by=lambda event: event.key).flatmap(
    lambda found: st.tuples(st.just(found), st.permutations(found))
))  # fmt: skip
def test_the_order_of_receipt_means_nothing(both):
    timeline, mixed = both
    assert aftermath(timeline) == aftermath(mixed)
