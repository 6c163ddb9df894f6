"""The story's own arithmetic, played on the use cases themselves."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain.case.status import CaseStatus
from infra.demo import story
from infra.demo.airline import MARGUERITE, clock
from infra.demo.numbers import Numbers, acknowledgements, case_ids, differences, promises
from infra.demo.player import HeardAlert, PageSeen, Player
from infra.demo.script import AgentAct, Delivery, Moment, ScriptLine, SignedWith, Told, Visit
from infra.problem import Problem
from tests.demo.memory_stage import MemoryStage
from tests.usecases.world import items_with

STANDS = ("met", "late", "overdue", "waiting", "cancelled")


class Notebook:
    """Satisfies `player.Screen`: keeps what is read behind the links of pages."""

    def __init__(self) -> None:
        self.read: list[tuple[datetime, str]] = []

    def line(self, at: datetime, platform: str, line: ScriptLine) -> None:  # noqa: ARG002 - the screen's
        if line.about in (Told.TAKEN, Told.LAPSED):
            self.read.append((at, f"{line.who}: {line.text}"))

    def page(self, at: datetime, page: PageSeen) -> None: ...

    def minute(self, now: datetime) -> None: ...


def perform(
    stage: MemoryStage, morning: tuple[Moment, ...] = story.MORNING, screen: Notebook | None = None
) -> HeardAlert:
    player = Player(stage, screen or Notebook())
    stage.platforms.tell(player.deliver)
    return player.play(morning, story.BEGINS, story.ENDS)


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[MemoryStage, HeardAlert]]:
    stage = MemoryStage()
    with stage.platforms:
        yield stage, perform(stage)


def numbers(stage: MemoryStage, heard: HeardAlert) -> Numbers:
    ids = case_ids(stage.store)
    stand = promises(stage.store, ids, story.ENDS)
    return Numbers(
        received=heard.received,
        refused=heard.refused,
        quarantined=len(stage.quarantine.waiting()),
        cases=len(ids),
        warnings=heard.kinds["warning"],
        pages=heard.kinds["breach"],
        acknowledged=acknowledgements(stage.store, ids),
        notices=heard.kinds["notice"],
        replied=len(stage.platforms.posts),
        given_up=0,  # nothing in memory gives up: it would raise
        **{name: stand[name] for name in STANDS},
    )


def test_every_number_is_the_expected_one(played: tuple[MemoryStage, HeardAlert]) -> None:
    assert list(differences(numbers(*played), story.EXPECTED)) == []


def test_the_expected_numbers_agree_with_the_story() -> None:
    deliveries = [moment for moment in story.MORNING if isinstance(moment, Delivery)]
    refused = [delivery for delivery in deliveries if delivery.seal is not SignedWith.TRUE]
    replies = [
        moment for moment in story.MORNING if isinstance(moment, AgentAct) and moment.action["action"] == "reply"
    ]
    assert story.EXPECTED.refused == len(refused)
    assert story.EXPECTED.replied == len(replies)
    assert story.EXPECTED.received == len(deliveries) - len(refused) + len(replies)


def test_people_are_told_when_they_must_be(played: tuple[MemoryStage, HeardAlert]) -> None:
    _, heard = played
    told = [(page.kind, page.group, page.author) for page in heard.pages]
    assert told == [
        ("warning", "team", "ottolinebragg"),
        ("breach", "on-call", "ottolinebragg"),
        ("notice", "on-call", "ottolinebragg"),
        ("warning", "team", "Marguerite Tollander"),
        ("breach", "on-call", "Marguerite Tollander"),
        ("warning", "team", "femi_on_foot"),
        ("breach", "on-call", "femi_on_foot"),
        ("breach", "care-lead", "Marguerite Tollander"),
        ("notice", "on-call", "femi_on_foot"),
        ("notice", "on-call", "Marguerite Tollander"),
        ("notice", "care-lead", "Marguerite Tollander"),
        ("warning", "team", "gwynat"),
        ("warning", "team", "idriscn"),
        ("breach", "on-call", "gwynat"),
    ]
    assert len({page.id for page in heard.pages}) == len(heard.pages)


@pytest.mark.parametrize(
    ("is_acknowledged", "told"),
    [
        (True, [("09:04", "breach", "on-call"), ("09:37", "breach", "care-lead")]),
        (
            False,
            [("09:04", "breach", "on-call"), ("09:19", "breach", "care-lead"), ("09:34", "breach", "duty-manager")],
        ),
    ],
)
def test_i_am_on_it_keeps_the_ladder_quiet_for_half_an_hour(is_acknowledged: bool, told: list[Any]) -> None:
    stage = MemoryStage()
    morning = tuple(moment for moment in story.MORNING if is_acknowledged or not isinstance(moment, Visit))
    with stage.platforms:
        heard = perform(stage, morning)
    about_her = [page for page in heard.pages if page.author == MARGUERITE.name and page.kind != "warning"]
    over = [("09:45", "notice", group) for _, _, group in told]
    assert [(f"{page.at:%H:%M}", page.kind, page.group) for page in about_her] == [*told, *over]
    assert all((page.ack_url is not None) is (page.kind == "breach") for page in about_her)


def test_what_is_read_behind_the_link_says_how_things_stand() -> None:
    stage, notebook = MemoryStage(), Notebook()
    with stage.platforms:
        perform(stage, screen=notebook)
    assert notebook.read == [
        (
            clock("09:06:40"),
            "Jonas: opens the link in the page: A customer waits. "
            "Marguerite Tollander on Facebook waits for a first reply: 1 h 3 min, since 08:03.",
        ),
        (
            clock("09:07:00"),
            "Jonas: I am on it. The page says: Somebody is on it. "
            "Somebody (says: “Jonas”) is on it since 09:07. Nobody else is called until 09:37.",
        ),
        (
            clock("09:37:00"),
            "Jonas: opens the link again: A customer still waits. "
            "Somebody (says: “Jonas”) was on it until 09:37, and the customer still waits. "
            "The newest alert has a link of its own.",
        ),
    ]


@pytest.mark.parametrize(
    ("change", "trouble"),
    [({"title": "It is over"}, "'It is over' was expected"), ({"author": "nobody"}, "No page about nobody")],
)
def test_a_link_that_does_not_show_what_it_must_stops_the_show(change: dict[str, Any], trouble: str) -> None:
    morning = tuple(replace(m, **change) if isinstance(m, Visit) else m for m in story.MORNING)
    stage = MemoryStage()
    with stage.platforms, pytest.raises(Problem, match=trouble):
        perform(stage, morning)


def test_a_deleted_comment_leaves_no_word_behind(played: tuple[MemoryStage, HeardAlert]) -> None:
    stage, _ = played
    address = stage.store.addresses("facebook", [story.THIRD_TIME.id])[story.THIRD_TIME.id]
    assert address.case_id is not None
    case, _ = stage.store.case(address.case_id)
    assert case is not None
    assert case.state.status is CaseStatus.RESOLVED
    assert items_with(stage.table, "cold coffee") == []


def test_the_platforms_have_each_answer_once(played: tuple[MemoryStage, HeardAlert]) -> None:
    stage, _ = played
    assert Counter(post["text"] for post in stage.platforms.posts) == {
        story.INES_TO_OTTOLINE: 1,
        story.INES_TO_MARGUERITE: 1,
    }


def test_the_same_morning_twice_is_the_same_morning(played: tuple[MemoryStage, HeardAlert]) -> None:
    again = MemoryStage()
    with again.platforms:
        heard = perform(again)
        assert numbers(again, heard) == numbers(*played)
    assert [page.id for page in heard.pages] == [page.id for page in played[1].pages]


def test_a_lost_answer_shows_in_the_numbers() -> None:
    """The numbers would notice: without the echo of one answer, one more promise breaks."""
    silent = tuple(m for m in story.MORNING if m.line.text != "We noticed. Umbrellas and engineers are on the way.")
    assert len(silent) == len(story.MORNING) - 1
    stage = MemoryStage()
    with stage.platforms:
        wrong = list(differences(numbers(stage, perform(stage, silent)), story.EXPECTED))
    assert "met: 15, expected 16" in wrong
    assert "overdue: 2, expected 1" in wrong


@pytest.mark.parametrize("seal", [SignedWith.FORGED, SignedWith.NONE])
def test_what_should_be_accepted_and_is_not_stops_the_show(seal: SignedWith) -> None:
    first = story.MORNING[0]
    assert isinstance(first, Delivery)

    class Careless(MemoryStage):
        def post(self, delivery: Delivery) -> int:
            return super().post(replace(delivery, seal=seal))

    stage = Careless()
    with stage.platforms, pytest.raises(Problem, match="where 200 was expected"):
        perform(stage, (first,))


def test_trouble_in_a_platforms_thread_comes_to_light() -> None:
    class Deaf(MemoryStage):
        def post(self, delivery: Delivery) -> int:
            return (
                503 if delivery.line.about is Told.AGAIN and delivery.line.who == "Larkspur" else super().post(delivery)
            )

    stage = Deaf()
    with stage.platforms, pytest.raises(Problem, match="503"):
        perform(stage)


def test_moments_come_in_order_and_within_the_morning() -> None:
    instants = [moment.at for moment in story.MORNING]
    assert instants == sorted(instants)
    assert story.BEGINS <= instants[0] <= instants[-1] < story.ENDS
