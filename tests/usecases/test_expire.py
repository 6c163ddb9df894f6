"""Closed cases go when their time is over; what is open, and what was counted, stays."""

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.customer import ChangeKind
from chalicelib.domain.events import EventKind
from chalicelib.usecases import report
from chalicelib.usecases.act import MoveCase
from chalicelib.usecases.expire import Expired, expire
from tests.usecases.life import CUSTOMER, NEXT_DAY, Life, hers, mark
from tests.usecases.world import T0, answered, wrote

DAY = T0.date()
MONTH_LATER = T0 + timedelta(days=31)


def lived():
    """She has two closed cases, one by another name, and one open; somebody else's is closed on another channel."""
    life = Life()
    life.hear(
        [
            hers(1, 0, thread_id=mark(1)),
            answered("901", 5, mark(1)),
            hers(2, 1, thread_id=mark(2)),
            hers(3, 2, thread_id=mark(3)),
            wrote("700", 1, who="777", channel="x.shop", thread_id="700"),
        ],
        minutes=10,
    )
    life.records(life.of(mark(1)), ChangeKind.TAG, "press", "tag")
    for number, message_id in enumerate((mark(1), mark(2), "700")):
        life.does(life.of(message_id), MoveCase(kind=EventKind.RESOLVE), 20, f"resolve{number}")
    report.roll_up_ended(life.reporting, NEXT_DAY)
    return life


def keep(channel):
    return 30 if channel == "x.main" else 100


def test_what_is_closed_and_old_goes_by_its_channel():
    life = lived()
    staying = [life.of(mark(3)), life.of("700")]
    assert expire(keep, life.erasing(), MONTH_LATER) == Expired(2)
    left = {key.split(" / ")[0] for key in life.everything() if key.endswith("/ STATE")}
    assert left == {f"CASE#{case_id}" for case_id in staying}
    assert life.cases.author_cases("x", CUSTOMER.author_key) == (staying[0],)
    assert life.cases.changes(CUSTOMER)  # she still has a case


def test_an_open_case_never_expires_and_the_last_one_takes_the_record_along():
    life = lived()
    assert expire(lambda _: 30, life.erasing(), T0 + timedelta(days=4000)) == Expired(3)
    assert life.of(mark(3))
    life.does(life.of(mark(3)), MoveCase(kind=EventKind.RESOLVE), 60, "last")
    assert expire(lambda _: 30, life.erasing(), T0 + timedelta(days=4000)) == Expired(1)
    assert life.marked() == []
    assert not life.cases.changes(CUSTOMER)


def test_what_was_counted_stays_counted():
    life = lived()
    before = (life.rollups.read(DAY), life.rollups.causes(DAY))
    expire(lambda _: 30, life.erasing(), MONTH_LATER)
    report.rebuild(DAY, DAY, ports=life.reporting, now=MONTH_LATER)
    assert (life.rollups.read(DAY), life.rollups.causes(DAY)) == before


def test_before_its_time_nothing_goes_and_without_time_the_rest_waits():
    life = lived()
    assert expire(keep, life.erasing(), T0 + timedelta(days=29)) == Expired(0)
    left = iter([True])
    ports = replace(life.erasing(), has_time=lambda: next(left, False))
    assert expire(keep, ports, MONTH_LATER) == Expired(1, is_done=False)
    assert expire(keep, life.erasing(), MONTH_LATER) == Expired(1)


def test_what_they_write_after_it_opens_a_case_of_its_own():
    life = lived()
    expire(lambda _: 30, life.erasing(), MONTH_LATER)
    life.hear([hers(9, 60 * 24 * 32, parent_id=mark(1))], minutes=60 * 24 * 32)
    case, _ = life.cases.case(life.of(mark(9)))
    assert case.state.messages == 1
