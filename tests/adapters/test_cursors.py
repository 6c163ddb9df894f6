"""Where listening stands, kept and found again."""

from datetime import UTC, datetime, timedelta

from chalicelib.adapters import keys
from chalicelib.adapters.cursors import KEPT, TableCursors
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.ports.cursors import PollPlace

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_place_comes_back_as_it_was_saved():
    cursors = TableCursors(MemoryTable())
    place = PollPlace(
        channel="some.main",
        account_id="900",
        cursor='{"after":"7#1"}',
        next_at=NOW,
        leased_until=NOW + timedelta(seconds=1),
        heard_at=NOW,
        failures=3,
        failing_since=NOW,
        failure="down",
    )
    saved = cursors.save(place)
    assert saved.version == 1
    assert cursors.places() == (saved,)
    assert cursors.places()[0].platform == "some"


def test_all_places_are_found_however_many_there_are():
    cursors = TableCursors(MemoryTable())
    for number in range(300):
        cursors.save(PollPlace(channel=f"some.c{number}"))
    assert {place.channel for place in cursors.places()} == {f"some.c{number}" for number in range(300)}


def test_ids_to_fetch_are_those_of_the_channel_and_end_after_a_week():
    table = MemoryTable()
    cursors = TableCursors(table)
    cursors.want("some.main", [f"id{number}" for number in range(150)], NOW)
    cursors.want("some.other", ["else"], NOW)
    assert len(cursors.wanted("some.main", 100)) == 100
    pk, sk = keys.wanting("some.other", "else")
    assert table.get([(pk, sk)])[(pk, sk)]["expires_at"] == int((NOW + KEPT).timestamp())
    cursors.settled("some.main", [f"id{number}" for number in range(150)] + ["id0"])
    assert cursors.wanted("some.main", 100) == ()
    assert cursors.wanted("some.other", 100) == ("else",)
