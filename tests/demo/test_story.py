"""The story's own arithmetic, played on the use cases themselves."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.domain.case import CaseStatus
from infra.demo import story
from infra.demo.numbers import Numbers, case_ids, differences, promises
from infra.demo.player import Heard, PageSeen, Player
from infra.demo.script import Act, Delivery, Line, Seal, Told
from infra.problem import Problem
from tests.demo.memory_stage import MemoryStage

STANDS = ("met", "late", "overdue", "waiting", "cancelled")


class Silent:
    """Satisfies `player.Screen`."""

    def line(self, at: datetime, platform: str, line: Line) -> None: ...

    def page(self, at: datetime, page: PageSeen) -> None: ...

    def minute(self, now: datetime) -> None: ...


def perform(stage: MemoryStage, morning: tuple[Delivery | Act, ...] = story.MORNING) -> Heard:
    player = Player(stage, Silent())
    stage.platforms.tell(player.deliver)
    return player.play(morning, story.BEGINS, story.ENDS)


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[MemoryStage, Heard]]:
    stage = MemoryStage()
    with stage.platforms:
        yield stage, perform(stage)


def numbers(stage: MemoryStage, heard: Heard) -> Numbers:
    ids = case_ids(stage.store)
    stand = promises(stage.store, ids, story.ENDS)
    return Numbers(
        received=heard.received,
        refused=heard.refused,
        quarantined=len(stage.quarantine.waiting()),
        cases=len(ids),
        warnings=heard.kinds["warning"],
        pages=heard.kinds["breach"],
        notices=heard.kinds["notice"],
        replied=len(stage.platforms.posts),
        given_up=0,  # nothing in memory gives up: it would raise
        **{name: stand[name] for name in STANDS},
    )


def test_every_number_is_the_expected_one(played: tuple[MemoryStage, Heard]) -> None:
    assert list(differences(numbers(*played), story.EXPECTED)) == []


def test_the_expected_numbers_agree_with_the_story() -> None:
    deliveries = [moment for moment in story.MORNING if isinstance(moment, Delivery)]
    refused = [delivery for delivery in deliveries if delivery.seal is not Seal.TRUE]
    replies = [moment for moment in story.MORNING if isinstance(moment, Act) and moment.action["action"] == "reply"]
    assert story.EXPECTED.refused == len(refused)
    assert story.EXPECTED.replied == len(replies)
    assert story.EXPECTED.received == len(deliveries) - len(refused) + len(replies)


def test_people_are_told_when_they_must_be(played: tuple[MemoryStage, Heard]) -> None:
    _, heard = played
    told = [(page.kind, page.group, page.author) for page in heard.pages]
    assert told == [
        ("warning", "team", "ottolinebragg"),
        ("breach", "on-call", "ottolinebragg"),
        ("notice", "on-call", "ottolinebragg"),
        ("warning", "team", "Marguerite Tollander"),
        ("breach", "on-call", "Marguerite Tollander"),
        ("warning", "team", "femi_on_foot"),
        ("breach", "care-lead", "Marguerite Tollander"),
        ("notice", "on-call", "Marguerite Tollander"),
        ("notice", "care-lead", "Marguerite Tollander"),
        ("breach", "on-call", "femi_on_foot"),
        ("notice", "on-call", "femi_on_foot"),
        ("warning", "team", "gwynat"),
        ("warning", "team", "idriscn"),
        ("breach", "on-call", "gwynat"),
    ]
    assert len({page.id for page in heard.pages}) == len(heard.pages)


def test_a_deleted_comment_leaves_no_word_behind(played: tuple[MemoryStage, Heard]) -> None:
    stage, _ = played
    address = stage.store.addresses("facebook", [story.THIRD_TIME.id])[story.THIRD_TIME.id]
    assert address.case_id is not None
    case, _ = stage.store.case(address.case_id)
    assert case is not None
    assert case.state.status is CaseStatus.RESOLVED
    assert all("cold coffee" not in str(item) for item in stage.table.everything().values())


def test_the_platforms_have_each_answer_once(played: tuple[MemoryStage, Heard]) -> None:
    stage, _ = played
    assert Counter(post["text"] for post in stage.platforms.posts) == {
        story.INES_TO_OTTOLINE: 1,
        story.INES_TO_MARGUERITE: 1,
    }


def test_the_same_morning_twice_is_the_same_morning(played: tuple[MemoryStage, Heard]) -> None:
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


@pytest.mark.parametrize("seal", [Seal.FORGED, Seal.NONE])
def test_what_should_be_accepted_and_is_not_stops_the_show(seal: Seal) -> None:
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
