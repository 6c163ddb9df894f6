"""What takes too long is stopped, whatever it is doing."""

import signal
from threading import Thread

import pytest

from chalicelib.adapters.interrupt import interrupting


class First(Exception):
    pass


class Second(Exception):
    pass


def for_ever() -> None:
    while True:
        pass


def test_what_does_not_end_is_stopped_and_the_alarm_is_off_afterwards():
    with pytest.raises(First), interrupting(0.01, First):
        for_ever()
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_sooner_of_two_stops_it():
    with pytest.raises(Second), interrupting(600, First), interrupting(0.01, Second):
        for_ever()
    with pytest.raises(First), interrupting(0.01, First), interrupting(600, Second):
        for_ever()


def test_an_outer_one_still_rings_after_an_inner_one():
    with pytest.raises(First), interrupting(0.05, First):  # noqa: PT012
        with pytest.raises(Second), interrupting(0.01, Second):
            for_ever()
        for_ever()


def test_a_block_that_ends_in_time_is_left_alone():
    with interrupting(600, First):
        done = True
    assert done
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_another_thread_cannot_be_interrupted_and_is_not():
    done = []

    def work() -> None:
        with interrupting(600, First):
            done.append(True)

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert done == [True]
