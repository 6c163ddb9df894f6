"""What leases promise, on the table in memory and on DynamoDB on the local AWS."""

from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier, Thread

import pytest

from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.table import MemoryTable

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)
_numbers = count()


def at(seconds):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture(params=["memory", pytest.param("dynamo", marks=pytest.mark.local_aws)])
def leases(request):
    if request.param == "memory":
        return TableLeases(MemoryTable())
    aws = request.getfixturevalue("aws")
    return TableLeases(DynamoTable(aws.client("dynamodb"), aws.settings.table))


@pytest.fixture
def take(leases):
    """`take(turn, now)` for a thing of this test alone."""
    what = f"test-{next(_numbers)}"
    return lambda turn, now: leases.take(what, turn=at(turn), now=at(now), for_s=90)


def test_the_first_takes_it_and_nothing_was_done_before(take):
    lease = take(0, 5)
    assert (lease.turn, lease.until, lease.done_before) == (at(0), at(95), None)


def test_one_turn_is_taken_once_even_when_it_is_done(leases, take):
    lease = take(0, 1)
    assert take(0, 2) is None
    leases.done(lease)
    assert take(0, 200) is None


def test_an_earlier_turn_is_never_taken(leases, take):
    leases.done(take(60, 60))
    assert take(0, 61) is None


def test_when_it_is_done_the_next_need_not_wait(leases, take):
    leases.done(take(0, 1))
    lease = take(60, 61)
    assert lease.done_before == at(0)


@pytest.mark.parametrize(("now", "taken"), [(94, False), (95, True)])
def test_who_never_finishes_keeps_it_until_it_runs_out(take, now, taken):
    assert take(0, 5)
    lease = take(60, now)
    assert (lease is not None) is taken
    assert lease is None or lease.done_before is None


def test_whoever_was_overtaken_gives_nothing_back(leases, take):
    slow = take(0, 0)
    assert take(120, 120)
    leases.done(slow)
    assert take(180, 181) is None


def test_of_two_at_once_one_gets_it(take):
    start, taken = Barrier(2), []

    def work():
        start.wait()
        taken.append(take(0, 0))

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(lease is not None for lease in taken) == 1


def test_things_do_not_know_each_other(leases):
    for what in ("one", "other"):
        assert leases.take(f"{what}-{next(_numbers)}", turn=at(0), now=at(0), for_s=90)
