"""Public keys over HTTPS: kept, asked for again when they do not match, and never more than is bounded."""

import pytest

from chalicelib.adapters.web_keys import AGAIN_S, KEPT_S, MOST_ASKED, MOST_KEPT, HttpWebKeys
from chalicelib.ports.connector.calls import HttpCall, HttpResult
from chalicelib.ports.web_keys import KeysUnavailable

URL = "https://keys.example/certs"


class Web:
    def __init__(self) -> None:
        self.result = HttpResult(status=200, body=b"keys 1")
        self.asked: list[str] = []

    def perform(self, call: HttpCall) -> HttpResult:
        self.asked.append(call.url)
        return self.result


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(web: Web, clock: Clock) -> HttpWebKeys:
    return HttpWebKeys(web, clock)


@pytest.mark.parametrize(
    ("later", "fresh", "calls"),
    [
        (KEPT_S - 1, False, 1),
        (KEPT_S, False, 2),
        (AGAIN_S - 1, True, 1),
        (AGAIN_S, True, 2),
    ],
)
def test_keys_are_kept_for_hours_and_asked_for_again_after_half_a_minute(
    keys: HttpWebKeys, web: Web, clock: Clock, later: float, fresh: bool, calls: int
) -> None:
    assert keys.document(URL) == b"keys 1"
    web.result = HttpResult(status=200, body=b"keys 2")
    clock.now += later
    assert keys.document(URL, fresh=fresh) == f"keys {calls}".encode()
    assert len(web.asked) == calls


def test_what_is_not_there_is_empty_and_soon_asked_for_again(keys: HttpWebKeys, web: Web, clock: Clock) -> None:
    web.result = HttpResult(status=404)
    assert keys.document(URL) == b""
    assert keys.document(URL) == b""
    assert len(web.asked) == 1
    clock.now += AGAIN_S
    web.result = HttpResult(status=200, body=b"keys 1")
    assert keys.document(URL) == b"keys 1"


@pytest.mark.parametrize("result", [HttpResult(status=503), HttpResult(status=0), HttpResult(status=302)])
def test_old_keys_are_used_while_the_host_does_not_answer(
    keys: HttpWebKeys, web: Web, clock: Clock, result: HttpResult
) -> None:
    keys.document(URL)
    web.result = result
    clock.now += KEPT_S
    assert keys.document(URL) == b"keys 1"
    with pytest.raises(KeysUnavailable):
        keys.document("https://keys.example/others")


def test_a_stranger_who_names_ever_new_keys_makes_us_ask_and_keep_a_few(
    keys: HttpWebKeys, web: Web, clock: Clock
) -> None:
    refused = 0
    for number in range(1_000):
        clock.now += 0.01
        try:
            keys.document(f"{URL}/{number}")
        except KeysUnavailable:
            refused += 1
    assert len(web.asked) == MOST_ASKED
    assert refused == 1_000 - MOST_ASKED
    for number in range(1_000, 1_100):
        clock.now += 60
        keys.document(f"{URL}/{number}")
    kept = sum(_is_kept(keys, web, f"{URL}/{number}", clock) for number in reversed(range(1_000, 1_100)))
    assert kept == MOST_KEPT


def test_made_up_names_push_out_no_key_that_is_used(keys: HttpWebKeys, web: Web, clock: Clock) -> None:
    keys.document(URL)
    web.result = HttpResult(status=404)
    for number in range(5 * MOST_KEPT):
        clock.now += AGAIN_S
        assert keys.document(f"{URL}/{number}") == b""
        assert keys.document(URL) == b"keys 1"
    assert web.asked.count(URL) == 1
    assert len(web.asked) == 1 + 5 * MOST_KEPT


def test_other_keys_of_the_host_push_out_no_key_that_is_used(keys: HttpWebKeys, web: Web, clock: Clock) -> None:
    keys.document(URL)
    for number in range(5 * MOST_KEPT):
        clock.now += AGAIN_S
        keys.document(f"{URL}/{number}")
        keys.document(URL)
    assert web.asked.count(URL) == 1


def test_a_key_that_is_gone_is_believed_no_longer(keys: HttpWebKeys, web: Web, clock: Clock) -> None:
    keys.document(URL)
    web.result = HttpResult(status=404)
    clock.now += AGAIN_S
    assert keys.document(URL, fresh=True) == b""
    assert keys.document(URL) == b""
    assert len(web.asked) == 2


def _is_kept(keys: HttpWebKeys, web: Web, url: str, clock: Clock) -> bool:
    asked = len(web.asked)
    clock.now += 60
    keys.document(url)
    return len(web.asked) == asked
