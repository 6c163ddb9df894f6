"""What people see of a case."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.events import EventKind
from chalicelib.domain.facts import Author, Media
from chalicelib.domain.in_words import due_in_words, span
from chalicelib.domain.labels import Urgency
from chalicelib.usecases.act import AnswerCustomer, Assign, MoveCase, Note, Prioritise
from chalicelib.usecases.cases.moving import UnknownCase
from chalicelib.usecases.show import MOST_CHARS, MOST_ENTRIES, show, show_list
from tests.usecases.test_act import Desk
from tests.usecases.world import T0, answered, at, deleted, edited, take, wrote


def view(desk, minutes=30, case_id=None):
    return show(case_id or desk.case_id, store=desk.cases, now=at(minutes))


def lines(desk):
    return [(entry.who, entry.what, entry.text) for entry in view(desk).timeline]


def test_a_case_is_a_timeline_in_order():
    desk = Desk(answered("102", 20, "100"), edited("100", 5, "my BLUE bag is lost"), wrote("100", 0))
    desk.act(Note(text="called the desk"), minutes=21, key="1")
    desk.act(Assign(to="bob"), minutes=22, key="2", actor="bob")
    desk.act(Assign(to=None), minutes=23, key="3")
    desk.act(Prioritise(to=Urgency.HIGH), minutes=24, key="4")
    desk.act(AnswerCustomer(text="found it", then=EventKind.RESOLVE), minutes=25, key="5")
    assert lines(desk) == [
        ("h501", "wrote", "my bag is lost"),
        ("h501", "changed the text", "my BLUE bag is lost"),
        ("the brand", "answered", "on it"),
        ("ann", "noted", "called the desk"),
        ("bob", "gave it to bob", None),
        ("ann", "took it from everyone", None),
        ("ann", "set the priority to high", None),
        ("ann", "asked to answer", "found it"),
        ("ann", "asked to resolve it when the answer is out", None),
    ]


def test_a_deleted_text_is_gone_and_says_so():
    desk = Desk(wrote("100", 0, text="SECRET", media=(Media(kind="photo"),), permalink="https://x.test/100"))
    take(desk.cases, [edited("100", 1, "SECRET too"), deleted("100", 5)])
    shown = view(desk)
    assert [(entry.kind, entry.text, entry.is_deleted) for entry in shown.timeline] == [
        ("mention", None, True),
        ("edit", None, True),
        ("delete", None, False),
    ]
    assert "SECRET" not in repr(shown)
    assert "x.test" not in repr(shown)
    assert "photo" not in repr(shown)


def test_media_alone_is_no_deletion():
    shown = view(Desk(wrote("100", 0, text=None, media=(Media(kind="photo"),))))
    [entry] = shown.timeline
    assert (entry.text, entry.is_deleted, entry.media) == (None, False, ("photo",))


SHARED = (Media(kind="link", url="https://x.test/page", title="A page"), Media(kind="photo", url="https://x.test/p"))


def test_a_shared_page_is_shown_by_its_address_and_title():
    [entry] = view(Desk(wrote("100", 0, text=None, media=SHARED))).timeline
    assert [(link.url, link.title) for link in entry.links] == [("https://x.test/page", "A page")]
    assert entry.media == ("link", "photo")


def test_a_deletion_takes_shared_pages_along():
    shown = view(Desk(wrote("100", 0, media=SHARED), deleted("100", 5)))
    assert "A page" not in repr(shown)


def test_a_text_of_which_only_a_part_came_says_so_until_the_rest_comes():
    part, whole = wrote("100", 0, text="where is…", cut=True), wrote("100", 0, text="where is my bag")
    [entry] = view(Desk(part)).timeline
    assert (entry.text, entry.is_cut) == ("where is…", True)
    for facts in ([part, whole], [whole, part]):
        [entry] = view(Desk(*facts)).timeline
        assert (entry.text, entry.is_cut) == ("where is my bag", False)


def test_a_whole_text_counts_before_a_longer_part():
    part, whole = wrote("100", 0, text="help…" + "x" * 99, cut=True), wrote("100", 0, text="help me")
    for facts in ([part, whole], [whole, part]):
        [entry] = view(Desk(*facts)).timeline
        assert (entry.text, entry.is_cut) == ("help me", False)


def test_clocks_running_and_ended():
    desk = Desk(wrote("100", 0), answered("102", 20, "100"))
    clocks = {clock.name: clock for clock in view(desk).clocks}
    assert clocks["first reply"].outcome == "met"
    assert clocks["first reply"].business_s == 20 * 60
    assert clocks["resolution"].outcome == "running"
    assert not clocks["resolution"].is_overdue
    assert {c.name: c.is_overdue for c in view(desk, minutes=16 * 60 + 1).clocks} == {
        "first reply": False,
        "resolution": True,
    }


def test_a_paused_clock_has_no_due_time():
    desk = Desk(wrote("100", 0), answered("102", 20, "100"))
    desk.act(MoveCase(kind=EventKind.WAIT), minutes=21)
    [resolution] = [clock for clock in view(desk).clocks if clock.metric == "res"]
    assert (resolution.is_paused, resolution.is_overdue, resolution.due_at) == (True, False, None)


def test_a_paused_clock_that_was_broken_keeps_its_due_time_and_presses_nobody():
    desk = Desk(wrote("100", 0), answered("102", 20, "100"))
    desk.act(MoveCase(kind=EventKind.WAIT), minutes=16 * 60 + 30)
    shown = view(desk, minutes=17 * 60)
    [resolution] = [clock for clock in shown.clocks if clock.metric == "res"]
    assert (resolution.is_paused, resolution.is_overdue, resolution.due_at) == (True, True, T0 + timedelta(hours=16))
    assert not any("resolution" in words for words in shown.words)


def test_what_is_in_the_outbox_and_what_may_be_done():
    desk = Desk()
    result = desk.act(AnswerCustomer(text="found it"), minutes=25)
    shown = view(desk)
    [reply] = shown.outbox
    assert (reply.reply_id, reply.status, reply.text, reply.actor) == (result.reply_id, "queued", "found it", "ann")
    assert shown.allowed_actions == (
        *("assign", "hold", "merge", "note", "priority", "reply", "resolve", "spam", "take_back", "wait"),
    )
    assert shown.words == (
        "Open.",
        "The customer has waited 30 min.",
        "The first reply is due in 30 min.",
        "An answer is on its way.",
    )


@pytest.mark.parametrize(
    ("intents", "minutes", "words"),
    [
        (
            [],
            61,
            (
                "New, nobody has acted yet.",
                "The customer has waited 1 h 1 min.",
                "The first reply is overdue by 1 min.",
            ),
        ),
        ([MoveCase(kind=EventKind.RESOLVE)], 61, ("Resolved.",)),
        ([MoveCase(kind=EventKind.SPAM)], 61, ("Marked as spam.",)),
        (
            [AnswerCustomer(text="hi", then=EventKind.RESOLVE)],
            30,
            (
                "Open.",
                "The customer has waited 30 min.",
                "The first reply is due in 30 min.",
                "An answer is on its way. Then it is resolved.",
            ),
        ),
    ],
    ids=["overdue", "resolved", "spam", "resolve pending"],
)
def test_how_a_case_stands_in_words(intents, minutes, words):
    desk = Desk()
    for number, intent in enumerate(intents):
        desk.act(intent, minutes=5, key=f"k{number}")
    assert view(desk, minutes).words == words


def test_after_an_answer_nobody_waits():
    desk = Desk(wrote("100", 0), answered("102", 20, "100"))
    assert view(desk).words == ("Open.", "Answered 10 min ago.", "The resolution is due in 15 h 30 min.")


def test_a_merged_case_shows_the_one_that_took_it_over():
    desk = Desk(wrote("104", 26, parent_id="103", text="the later half"))
    asked_id = desk.case_id
    take(desk.cases, [wrote("100", 1, text="the first half"), wrote("103", 25, parent_id="100", text="the middle")])
    shown = view(desk, case_id=asked_id)
    assert shown.alias_of == asked_id
    assert shown.case_id != asked_id
    assert [entry.text for entry in shown.timeline] == ["the first half", "the middle", "the later half"]
    assert shown.others == ()


def test_other_cases_of_the_same_author():
    desk = Desk(wrote("100", 0, text="the bag"), wrote("200", 5, text="the seat"), wrote("300", 6, who="502"))
    texts = {summary.case_id: summary.text for summary in show_list(store=desk.cases, now=at(30))}
    bag = next(case_id for case_id, text in texts.items() if text == "the bag")
    assert [(other.text, other.status) for other in view(desk, case_id=bag).others] == [("the seat", "new")]


def test_the_oldest_entries_of_a_long_timeline_are_left_out():
    desk = Desk()
    for number in range(MOST_ENTRIES):
        desk.act(Note(text=f"note {number}"), minutes=1 + number, key=str(number))
    shown = view(desk)
    assert (len(shown.timeline), shown.left_out) == (MOST_ENTRIES, 1)
    assert shown.timeline[-1].text == f"note {MOST_ENTRIES - 1}"


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 9_999), min_size=1, max_size=60))
def test_every_entry_of_a_long_timeline_is_in_one_slice(lengths):
    desk = Desk()
    for number, length in enumerate(lengths):
        desk.act(Note(text=f"{number} {'ط' * length}"[:9_999]), minutes=1 + number, key=str(number))
    shown, slices = view(desk), []
    while True:
        assert shown.left_out + len(shown.timeline) + shown.newer == len(lengths) + 1
        assert sum(len(entry.text or "") for entry in shown.timeline) <= MOST_CHARS
        slices.append(shown.timeline)
        if not shown.left_out:
            break
        shown = show(desk.case_id, store=desk.cases, now=at(30), first=shown.left_out)
    entries = [entry for part in reversed(slices) for entry in part]
    assert [entry.text.split()[0] for entry in entries[1:]] == [str(number) for number in range(len(lengths))]


def test_one_entry_that_is_more_than_a_slice_is_shown_alone():
    desk = Desk(wrote("100", 0), wrote("101", 5, parent_id="100", text="x" * (MOST_CHARS + 1)))
    shown = view(desk)
    assert ([entry.message_id for entry in shown.timeline], shown.left_out) == (["101"], 1)


def test_an_answer_that_the_brand_deletes_is_told_and_keeps_the_promise_kept():
    desk = Desk(wrote("100", 0), answered("102", 2, "100"), deleted("102", 9))
    shown = view(desk)
    assert shown.words[-1] == "Our newest answer was deleted on the platform: look whether the customer waits again."
    assert [(entry.kind, entry.text, entry.is_deleted) for entry in shown.timeline][1] == ("answer", None, True)
    assert {clock.outcome for clock in shown.clocks if clock.metric == "frt"} == {"met"}
    again = view(Desk(wrote("100", 0), answered("102", 2, "100"), deleted("102", 9), answered("103", 10, "100")))
    assert "deleted" not in " ".join(again.words)


def test_no_such_case():
    with pytest.raises(UnknownCase):
        view(Desk(), case_id="c000000000000000")


def test_a_person_without_a_name():
    shown = view(Desk(replace(wrote("100", 0), author=None)))
    assert [entry.who for entry in shown.timeline] == ["somebody"]
    shown = view(Desk(replace(wrote("100", 0), author=Author(id="501"))))
    assert [entry.who for entry in shown.timeline] == ["501"]


def test_the_most_urgent_case_stands_first_and_closed_ones_apart():
    desk = Desk(
        wrote("100", 0, text="old"), wrote("200", 5, who="502", text="new"), wrote("300", 6, who="503", text="x")
    )
    ids = {summary.text: summary.case_id for summary in show_list(store=desk.cases, now=at(30))}
    desk.act(Prioritise(to=Urgency.CRITICAL), case_id=ids["new"])
    desk.act(MoveCase(kind=EventKind.RESOLVE), case_id=ids["x"])
    assert [summary.text for summary in show_list(store=desk.cases, now=at(30))] == ["new", "old"]
    assert [summary.text for summary in show_list(store=desk.cases, now=at(30), closed=True)] == ["x"]
    assert [summary.text for summary in show_list(store=desk.cases, now=at(30), limit=1)] == ["new"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3600, "1 h"), (3660, "1 h 1 min"), (86400, "1 d"),
     (90000, "1 d 1 h"), (86700, "1 d")],
)  # fmt: skip
def test_durations_in_words(seconds, words):
    assert span(timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "due in 1 s"), (0, "due in 0 s"), (-1, "overdue by 1 s"), (None, "not due")]
)
def test_due_times_in_words(seconds, words):
    assert due_in_words(None if seconds is None else T0 + timedelta(seconds=seconds), T0) == words
