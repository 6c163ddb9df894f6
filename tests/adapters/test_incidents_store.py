"""Signals, hours, incidents and settings documents as they are kept, in memory and on the local AWS."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from chalicelib.adapters.documents import TableDocuments
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.incidents import TableIncidents
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.settings import Kept
from chalicelib.adapters.signals import TableSignals
from chalicelib.domain.incidents.incident import Act, Deed, Incident, Member, closed
from chalicelib.domain.incidents.usual import HOUR, Hour
from chalicelib.ports.documents import DocumentKind, DocumentVersion
from chalicelib.ports.incidents import Conflict, IncidentAnswer
from chalicelib.ports.table import Table
from tests.domain.incidents.people import signal

_days = count(1)


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.local_aws)])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    aws = request.getfixturevalue("aws")
    return DynamoTable(aws.client("dynamodb"), aws.settings.table)


@pytest.fixture
def now() -> datetime:
    """A time of this test alone: the local AWS has one table for all."""
    return datetime(2032, 1, 1, 10, 20, tzinfo=UTC) + timedelta(days=10 * next(_days))


def said(number: int, at: datetime):  # type: ignore[no-untyped-def]
    return replace(signal(number, "app down"), at=at)


# --- signals ----------------------------------------------------------------------------------------------------


def test_signals_are_found_by_when_they_were_written(table: Table, now: datetime) -> None:
    signals = TableSignals(table)
    kept = [said(number, now - timedelta(minutes=7 * number)) for number in range(10)]
    for one in kept:
        signals.keep(one)
    found = TableSignals(table).between(now - timedelta(minutes=30), now, now=now)
    assert sorted(one.key for one in found) == sorted(one.key for one in kept[1:5])
    assert found[0] in kept


def test_a_signal_is_forgotten_with_its_text(table: Table, now: datetime) -> None:
    signals = TableSignals(table)
    signals.keep(said(1, now))
    signals.forget("x|1|mention", now)
    signals.forget("x|2|mention", now)
    assert signals.between(now - HOUR, now + HOUR, now=now) == ()


def test_what_is_young_is_read_each_time_and_what_is_old_after_ten_minutes(table: Table, now: datetime) -> None:
    reader, writer = TableSignals(table), TableSignals(table)
    span = (now - 2 * HOUR, now)
    assert reader.between(*span, now=now) == ()
    writer.keep(said(1, now - timedelta(minutes=3)))
    writer.keep(said(2, now - timedelta(minutes=90)))
    assert [one.key for one in reader.between(*span, now=now)] == ["x|1|mention"]
    later = now + timedelta(minutes=10)
    assert len(reader.between(*span, now=later)) == 2


def test_hours_are_kept_and_those_that_nobody_counted_are_left_out(table: Table, now: datetime) -> None:
    signals, begin = TableSignals(table), now.replace(minute=0)
    hours = [Hour(begin=begin - number * HOUR, people=number, counts={"term:app": number}) for number in (1, 2, 30)]
    for hour in hours:
        signals.count(hour)
    asked = [begin - number * HOUR for number in range(1, 120)]
    assert TableSignals(table).hours(asked, now=now) == {hour.begin: hour for hour in hours}


def test_an_hour_that_was_missing_may_still_come_within_a_day(table: Table, now: datetime) -> None:
    reader, writer, begin = TableSignals(table), TableSignals(table), now.replace(minute=0)
    assert reader.hours([begin - HOUR], now=now) == {}
    writer.count(Hour(begin=begin - HOUR, people=3))
    assert reader.hours([begin - HOUR], now=now)[begin - HOUR].people == 3


# --- incidents --------------------------------------------------------------------------------------------------


def made(now: datetime, number: int = 0) -> Incident:
    at = now + timedelta(minutes=number)
    digits = f"{int(at.timestamp()):015x}"[-15:]
    return Incident(
        incident_id=f"i{digits}", title="t", opened_at=at, first_at=at, last_at=at, causes=(), why=("because",)
    )


def member(now: datetime, number: int) -> Member:
    digits = f"{int(now.timestamp())}{number:05}"[-15:]
    return Member(case_id=f"c{digits}", at=now, joined_at=now, channel="x.main", who=f"w{number}")


def test_an_incident_comes_back_as_it_was(table: Table, now: datetime) -> None:
    store = TableIncidents(table)
    members = tuple(member(now, number) for number in range(120))
    saved = store.save(made(now), members)
    assert store.get(saved.incident_id) == saved
    assert store.members(saved.incident_id) == members
    assert store.of_cases([one.case_id for one in members[:101]]) == dict.fromkeys(
        (one.case_id for one in members[:101]), saved.incident_id
    )
    some, more = store.some_members(saved.incident_id, limit=50, more=None)
    rest, _ = store.some_members(saved.incident_id, limit=100, more=more)
    assert (*some, *rest) == members


def test_nobody_writes_over_what_they_have_not_read(table: Table, now: datetime) -> None:
    store = TableIncidents(table)
    saved = store.save(made(now))
    store.save(replace(saved, title="mine"))
    with pytest.raises(Conflict):
        store.save(replace(saved, title="theirs"))
    with pytest.raises(Conflict):
        store.save(made(now))


def test_open_and_closed_are_listed_newest_first(table: Table, now: datetime) -> None:
    store = TableIncidents(table)
    three = [store.save(made(now, number)) for number in range(3)]
    mine = {one.incident_id for one in three}

    def listed(*, closed: bool) -> list[str]:
        found = store.listed(closed=closed, limit=100).incidents
        return [one.incident_id for one in found if one.incident_id in mine]

    assert listed(closed=False) == [one.incident_id for one in reversed(three)]
    over = store.save(closed(three[1], Deed(act=Act.CLOSED, at=now)))
    assert listed(closed=True) == [over.incident_id]
    assert over.incident_id not in listed(closed=False)
    assert over.incident_id in store.watched_ids()
    store.save(replace(over, is_settled=True))
    assert over.incident_id not in store.watched_ids()


def test_a_case_that_was_taken_out_knows_no_incident(table: Table, now: datetime) -> None:
    store = TableIncidents(table)
    saved = store.save(made(now), [member(now, 1)])
    store.save(saved, [replace(member(now, 1), is_out=True)])
    assert store.of_cases([member(now, 1).case_id]) == {}
    assert store.members(saved.incident_id)[0].is_out


def test_answers_are_under_way_until_they_are_finished(table: Table, now: datetime) -> None:
    store = TableIncidents(table)
    incident = made(now)
    job = IncidentAnswer(
        answer_id="a1", incident_id=incident.incident_id, text="t", actor="ann", asked_at=now, until=now
    )
    saved = store.save_answer(replace(job, skipped={"resolved": 2}))
    assert (incident.incident_id, "a1") in store.answering()
    assert store.answer(incident.incident_id, "a1") == saved
    with pytest.raises(Conflict):
        store.save_answer(job)
    store.save_answer(replace(saved, finished_at=now))
    assert (incident.incident_id, "a1") not in store.answering()


# --- settings ---------------------------------------------------------------------------------------------------


def document(version: int, toml: str = "a = 1") -> DocumentVersion:
    at = datetime(2026, 3, 3, tzinfo=UTC)
    return DocumentVersion(kind=DocumentKind.VOCABULARY, version=version, toml=toml, applied_at=at, actor="ann")


def test_versions_of_a_document_follow_each_other() -> None:
    documents = TableDocuments(MemoryTable())
    assert documents.current(DocumentKind.VOCABULARY) is None
    documents.apply(document(1))
    documents.apply(document(2, "a = 2"))
    assert documents.current(DocumentKind.VOCABULARY) == document(2, "a = 2")
    assert documents.current(DocumentKind.INCIDENTS) is None
    for taken in (1, 2, 4):
        with pytest.raises(Conflict):
            documents.apply(document(taken))


def test_settings_are_read_once_a_minute_and_never_a_reason_to_stop() -> None:
    time, stored = [0.0], [document(1, "1")]

    def newest() -> DocumentVersion | None:
        if not stored:
            raise LookupError
        return stored[-1]

    kept = Kept(newest, read=int, without=0, clock=lambda: time[0])
    assert kept.value() == 1
    stored.append(document(2, "2"))
    assert kept.value() == 1
    time[0] = 60.0
    assert kept.value() == 2
    stored.append(document(3, "not a number"))
    time[0] = 120.0
    assert kept.value() == 2
    stored.clear()
    time[0] = 180.0
    assert kept.value() == 2


def test_without_a_document_there_is_a_default() -> None:
    assert Kept(lambda: None, read=int, without=7, clock=lambda: 0.0).value() == 7
