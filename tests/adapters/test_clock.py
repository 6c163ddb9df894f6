"""The clock, and the file that moves it."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.adapters import clock


def test_the_system_clock_is_aware_utc():
    assert clock.system_clock().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T09:00:00+00:00", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T09:00:00Z\n", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("  2026-03-02T10:00:00.5+01:00 ", datetime(2026, 3, 2, 9, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_a_file_says_the_time(tmp_path, text, expected):
    path = tmp_path / "now"
    now = clock.file_clock(str(path))
    path.write_text(text)
    assert now() == expected
    assert now().tzinfo is UTC


def test_a_file_can_be_written_again(tmp_path):
    path = tmp_path / "now"
    now = clock.file_clock(str(path))
    for hour in (9, 10, 8):
        path.write_text(f"2026-03-02T{hour:02}:00:00Z")
        assert now().hour == hour


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_without_a_time_in_the_file_it_is_the_real_one(tmp_path, monkeypatch, content):
    real = datetime(2026, 5, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "system_clock", lambda: real)
    path = tmp_path / "now"
    if content is not None:
        path.write_text(content)
    assert clock.file_clock(str(path))() == real


def test_jitter_is_a_fraction():
    assert all(0 <= clock.jitter() < 1 for _ in range(1000))
    assert len({clock.jitter() for _ in range(10)}) > 1


def test_ids_are_never_the_same_and_fit_a_key():
    ids = {clock.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(name.isalnum() and len(name) == 32 for name in ids)


@pytest.mark.parametrize(("attempt", "most"), [(0, 0.02), (1, 0.04), (3, 0.16), (6, 1.0), (60, 1.0)])
def test_waiting_grows_and_ends_at_a_second(monkeypatch, attempt, most):
    waited: list[float] = []
    monkeypatch.setattr(clock.time, "sleep", waited.append)
    monkeypatch.setattr(clock, "jitter", lambda: 1.0)
    clock.back_off(attempt)
    monkeypatch.setattr(clock, "jitter", lambda: 0.0)
    clock.back_off(attempt)
    assert waited == [pytest.approx(most), 0.0]
