"""The story's own arithmetic, played on the use cases themselves."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from infra.demo import story
from infra.demo.numbers import Numbers, case_ids, differences, promises
from infra.demo.player import Heard, PageSeen, Player
from infra.demo.script import Line
from tests.demo.memory_stage import MemoryStage


class Silent:
    """Satisfies `player.Screen`."""

    def line(self, at: datetime, platform: str, line: Line) -> None: ...

    def page(self, at: datetime, page: PageSeen) -> None: ...

    def minute(self, now: datetime) -> None: ...


@pytest.fixture(scope="module")
def played() -> Iterator[tuple[MemoryStage, Heard]]:
    stage = MemoryStage()
    with stage.platforms:
        player = Player(stage, Silent())
        stage.platforms.tell(player.deliver)
        yield stage, player.play(story.MORNING, story.BEGINS, story.ENDS)


def test_every_number_is_the_expected_one(played: tuple[MemoryStage, Heard]) -> None:
    stage, heard = played
    ids = case_ids(stage.store)
    found = Numbers(
        received=heard.received,
        refused=heard.refused,
        quarantined=len(stage.quarantine.waiting()),
        cases=len(ids),
        warnings=heard.kinds["warning"],
        pages=heard.kinds["breach"],
        notices=heard.kinds["notice"],
        replied=len(stage.platforms.posts),
        given_up=0,
        **{name: promises(stage.store, ids, story.ENDS)[name] for name in STANDS},
    )
    assert list(differences(found, story.EXPECTED)) == []


STANDS = ("met", "late", "overdue", "waiting", "cancelled")
