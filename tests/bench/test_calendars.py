"""The slow reference of the bench is right by itself, and notices when `due` is not."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bench import calendars
from bench.calendars import Answered, Disagreement, Question, answer, questions, slow_due, table
from chalicelib.domain.calendar import Calendar, Window

HOUR_S = 3_600
OFFICE = (Window(9 * HOUR_S, 17 * HOUR_S),)
NIGHT = (Window(22 * HOUR_S, 30 * HOUR_S),)


def week(zone: str, *days: tuple[Window, ...], **more: object) -> Calendar:
    return Calendar(id="week", zone=zone, weekly=days * 7 if len(days) == 1 else days, **more)


@pytest.mark.parametrize(
    ("calendar", "start", "target_s", "due"),
    [
        (week("UTC", OFFICE), "2026-03-03T10:00:30Z", HOUR_S, "2026-03-03T11:00:30Z"),
        (week("UTC", OFFICE), "2026-03-03T16:00Z", HOUR_S, "2026-03-03T17:00Z"),
        (week("UTC", OFFICE), "2026-03-03T16:00Z", HOUR_S + 1, "2026-03-04T09:00:01Z"),
        (week("UTC", *(OFFICE,) * 5, (), ()), "2026-03-06T16:30Z", HOUR_S, "2026-03-09T09:30Z"),
        (week("UTC", OFFICE, holidays=frozenset({date(2026, 3, 4)})), "2026-03-03T17:00Z", 60, "2026-03-05T09:01Z"),
        (week("UTC", OFFICE, special=((date(2026, 3, 4), NIGHT),)), "2026-03-03T17:00Z", 60, "2026-03-04T22:01Z"),
        (week("Europe/Berlin", NIGHT), "2026-10-24T22:00+02:00", 8 * HOUR_S + 1800, "2026-10-25T05:30+01:00"),
        (week("Europe/Berlin", NIGHT), "2026-03-28T22:00+01:00", 7 * HOUR_S + 1800, "2026-03-29T22:30+02:00"),
        (week("UTC", (), (), (), (), (), (), OFFICE), "2026-03-09T00:00Z", 60, "2026-03-15T09:01Z"),  # looks further
    ],
    ids=[
        "seconds",
        "closing",
        "next morning",
        "weekend",
        "holiday",
        "special hours",
        "autumn night",
        "spring night",
        "a week away",
    ],
)
def test_the_reference_walks_to_the_second(calendar: Calendar, start: str, target_s: int, due: str) -> None:
    assert slow_due(calendar, datetime.fromisoformat(start), target_s) == datetime.fromisoformat(due)


def test_the_reference_gives_up_where_nothing_is_open() -> None:
    with pytest.raises(LookupError, match="week"):
        slow_due(week("UTC", ()), datetime(2026, 3, 3, tzinfo=UTC), 60)


def test_questions_are_the_same_for_the_same_seed_only() -> None:
    assert list(questions(20)) == list(questions(20)) != list(questions(20, seed=1))


def test_both_agree_on_random_calendars() -> None:
    for question in questions(30):
        assert answer(question).slow > 0


def test_a_wrong_answer_ends_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "due", lambda _calendar, start, target_s: start + timedelta(seconds=target_s))
    question = Question(calendar=week("UTC", OFFICE), start=datetime(2026, 3, 3, 18, tzinfo=UTC), target_s=60)
    with pytest.raises(Disagreement, match="2026-03-04T09:01:00"):
        answer(question)


def test_how_much_faster_is_told_by_the_sums() -> None:
    rows = table([Answered(slow=30_000, first=3_000, again=300), Answered(slow=10_000, first=1_000, again=100)]).rows
    assert [row[1:] for row in rows] == [(20.0, 30.0, 1.0), (2.0, 3.0, 10.0), (0.2, 0.3, 100.0)]
