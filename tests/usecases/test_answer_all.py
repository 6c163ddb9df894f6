"""One text to everybody, each in their own thread: once, by the rules, and only to who still waits for a word."""

from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.domain.events import EventKind
from chalicelib.domain.facts import Author
from chalicelib.domain.incidents.incident import Act
from chalicelib.ports.messages import decode_reply
from chalicelib.usecases import answer_all
from chalicelib.usecases.act import ActRequest, AnswerCustomer, MoveCase
from chalicelib.usecases.act import act as act_on_case
from chalicelib.usecases.answer_all import WantedAnswer, filled
from chalicelib.usecases.incidents import KeyMismatch, RequestInvalid, UnknownIncident
from tests.usecases.outage import BEGAN, Airline, outage
from tests.usecases.tripwire import Counter, Killed, Tripwire, every_death
from tests.usecases.world import answered, at, deleted

TEXT = "Hi {name}, sign-in works again."


@pytest.fixture
def airline():
    found = Airline()
    found.hear(outage(14))
    found.watch()
    return found


def wanted(text=TEXT, key="k1", **values):
    return WantedAnswer(text=text, actor="ann", key=key, **values)


def preview(airline, asked=None, minutes=BEGAN + 5):
    return answer_all.preview(airline.one.incident_id, asked or wanted(), airline.answering, at(minutes))


def ask(airline, asked=None, minutes=BEGAN + 5, **replaced):
    ports = replace(airline.answering, **replaced)
    return answer_all.ask(airline.one.incident_id, asked or wanted(), ports, at(minutes))


def act(airline, message_id, intent, minutes=BEGAN + 3):
    request = ActRequest(intent=intent, actor="bob", idempotency_key="other")
    act_on_case(airline.case_of(message_id), request, ports=airline.acting, now=at(minutes))


def replies(airline):
    """Texts in the outbox by case."""
    items = [airline.cases.reply(pk.removeprefix("REPLY#")) for pk, _ in airline.table.everything() if "REPLY#" in pk]
    return {item.case_id: item.text for item in items}


def by_case(found):
    return {one.case_id: one for one in found.cases}


def test_a_preview_shows_every_case_with_its_text_and_writes_nothing(airline):
    before = airline.table.everything()
    found = preview(airline)
    assert (found.to_send, len(found.cases)) == (14, 14)
    assert by_case(found)[airline.case_of("50000")].text == "Hi h500, sign-in works again."
    assert airline.table.everything() == before
    assert airline.queues.sent == {}


def test_what_was_previewed_is_what_goes_out(airline):
    shown = {one.case_id: one.text for one in preview(airline).cases}
    job = ask(airline)
    assert (job.sent, job.finished_at) == (14, at(BEGAN + 5))
    assert replies(airline) == shown
    assert len({decode_reply(body) for body in airline.queues.sent["replies"]}) == 14


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        (lambda a: a.hear([answered("900", BEGAN - 1, "50000")]), "answered_since"),
        (lambda a: act(a, "50000", AnswerCustomer(text="soon")), "answer_under_way"),
        (lambda a: act(a, "50000", MoveCase(kind=EventKind.RESOLVE)), "resolved"),
        (lambda a: act(a, "50000", MoveCase(kind=EventKind.SPAM)), "resolved"),
        (lambda a: a.hear([deleted("50000", BEGAN + 1)]), "resolved"),
        (lambda a: a.act(Act.TAKEN_OUT, a.case_of("50000")), "taken_out"),
    ],
)
def test_who_is_skipped_and_why(airline, happens, reason):
    case_id = airline.case_of("50000")
    happens(airline)
    found = by_case(preview(airline))[case_id]
    assert (found.skipped, found.text) == (reason, None)
    assert found.why
    job = ask(airline)
    assert (job.sent, dict(job.skipped)) == (13, {reason: 1})


def test_who_was_answered_before_it_began_is_answered(airline):
    early = outage(1, first=990, minutes=-60, over=1)
    airline.hear([*early, answered("901", -30, "99000")])
    airline.act(Act.PUT_IN, airline.case_of("99000"))
    late = replace(airline.one, first_at=at(BEGAN - 10))
    airline.incidents.save(late)
    assert by_case(preview(airline))[airline.case_of("99000")].skipped is None


def test_what_the_platform_would_not_take_is_said_before(airline):
    found = preview(airline, wanted("x" * 61))
    assert found.to_send == 0
    assert {one.skipped for one in found.cases} == {"too_long"}
    assert {one.why for one in found.cases} == {"Too long for this platform."}


@pytest.mark.parametrize("text", ["", " ", "\u200b\u2060", "\u3164"])
def test_what_nobody_can_see_is_not_sent_to_everybody(airline, text):
    with pytest.raises(RequestInvalid, match="no text"):
        ask(airline, wanted(text))


@pytest.mark.parametrize("text", ["Hi {nmae}", "{}", "Hi {first_name}"])
def test_an_unknown_slot_is_refused(airline, text):
    with pytest.raises(RequestInvalid):
        preview(airline, wanted(text))
    with pytest.raises(RequestInvalid):
        ask(airline, wanted(text))


@pytest.mark.parametrize(
    ("author", "name", "handle"),
    [
        (Author(id="1", handle="mira_k", name="Mira Kos"), "Mira Kos", "@mira_k"),
        (Author(id="1", handle="mira_k", name="Anne-Marie O'Neill"), "Anne-Marie O'Neill", "@mira_k"),
        (Author(id="1", handle="mira_k", name="win at example.com/x"), "mira_k", "@mira_k"),
        (Author(id="1", handle="mira_k", name="@everybody look"), "mira_k", "@mira_k"),
        (Author(id="1", handle="mira_k", name="x" * 60), "mira_k", "@mira_k"),
        (Author(id="1", name="Zoë"), "Zoë", None),
        (Author(id="1", name="http://evil"), None, None),
        (None, None, None),
    ],
)
def test_only_plain_names_go_into_our_answers(author, name, handle):
    for slot, value in (("name", name), ("handle", handle)):
        if value is None:
            with pytest.raises(answer_all._Skipped):
                filled(f"{{{slot}}}", author, "x")
        else:
            assert filled(f"Hi {{{slot}}}.", author, "x") == f"Hi {value}."


def test_a_name_is_never_read_as_a_slot():
    author = Author(id="1", handle="handle", name="name")
    assert filled("{name} {handle}", author, "x") == "name @handle"


def test_a_repeat_is_the_first_one(airline):
    first = ask(airline)
    assert ask(airline, minutes=BEGAN + 9) == first
    assert len(airline.queues.sent["replies"]) == 14
    with pytest.raises(KeyMismatch):
        ask(airline, wanted("another text"))


def test_late_ones_are_answered_only_if_asked_for(airline):
    def comes_late():
        airline.hear(outage(5, first=700, minutes=BEGAN + 8, over=2), minutes=BEGAN + 8)
        airline.watch_until(BEGAN + 12, first=BEGAN + 9)

    ask(airline)
    comes_late()
    assert airline.one.people == 19
    assert len(replies(airline)) == 14


def test_late_ones_who_are_wanted(airline):
    job = ask(airline, wanted(with_late=True))
    assert job.finished_at is None
    airline.hear(outage(5, first=700, minutes=BEGAN + 8, over=2), minutes=BEGAN + 8)
    airline.watch_until(BEGAN + 12, first=BEGAN + 9)
    assert len(replies(airline)) == 19
    airline.act(Act.CLOSED, minutes=BEGAN + 13)
    airline.watch_until(BEGAN + 15, first=BEGAN + 13)
    assert airline.incidents.answering() == ()


def test_many_are_answered_a_part_at_a_time():
    airline = Airline()
    airline.hear(outage(60))
    airline.watch()
    job = ask(airline)
    assert (job.sent, job.finished_at) == (25, None)
    airline.watch(BEGAN + 6)
    assert len(replies(airline)) == 60
    assert airline.incidents.answering() == ()


def test_resolve_follows_the_answer(airline):
    ask(airline, wanted(then=EventKind.RESOLVE))
    case, _ = airline.cases.case(airline.case_of("50000"))
    assert case.state.resolve_pending


def test_an_unknown_incident(airline):
    for asked in (answer_all.preview, answer_all.ask):
        with pytest.raises(UnknownIncident):
            asked("i000000000000000", wanted(), airline.answering, at(1))


def test_killed_at_any_call_everybody_is_answered_once():
    def prepared():
        found = Airline()
        found.hear(outage(9))
        found.watch()
        return found

    def run(airline, counter, minutes):
        acting = replace(airline.acting, queues=Tripwire(airline.queues, counter))
        ask(airline, minutes=minutes, incidents=Tripwire(airline.incidents, counter), acting=acting)

    airline, counter = prepared(), Counter()
    run(airline, counter, BEGAN + 5)
    undisturbed = replies(airline)
    for death in every_death(counter.calls):
        airline = prepared()
        with suppress(Killed):
            run(airline, death, BEGAN + 5)
        ask(airline, minutes=BEGAN + 8)  # the lease of the one that died is over
        airline.watch(BEGAN + 9)
        assert replies(airline) == undisturbed, death
        assert airline.incidents.answering() == (), death
        job = airline.incidents.answer(airline.one.incident_id, airline.one.answers[0])
        assert (job.sent, job.failed) == (9, ()), death
        assert len({decode_reply(body) for body in airline.queues.sent["replies"]}) == 9, death
