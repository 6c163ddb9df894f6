"""
Public keys over HTTPS, kept in memory. Satisfies `ports.web_keys.WebKeys`.

Whoever calls the webhook may name one of many certificates of an honest host,
so what is kept and what is asked are both bounded.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar

from chalicelib.ports.connector.calls import HttpCall
from chalicelib.ports.http import Http
from chalicelib.ports.web_keys import KeysUnavailable

T = TypeVar("T")
KEPT_S: Final = 6 * 3600.0
AGAIN_S: Final = 30.0  # a signature that does not match makes us ask at most this often
MOST_KEPT: Final = 16
MOST_ASKED: Final = 10  # in a minute
TIMEOUT_S: Final = 4.0  # platforms wait ten seconds for an answer, some of them five


@dataclass(frozen=True, slots=True)
class _Kept:
    document: bytes
    asked_at: float


class HttpWebKeys:
    """`clock` counts seconds and never goes back."""

    def __init__(self, http: Http, clock: Callable[[], float]) -> None:
        self._http = http
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._absent: OrderedDict[str, float] = OrderedDict()  # and when it was asked for
        self._asked: deque[float] = deque(maxlen=MOST_ASKED)

    def document(self, url: str, *, fresh: bool = False) -> bytes:
        """As the port says. What is not there is remembered apart: made-up addresses push no key out."""
        now, kept = self._clock(), self._kept.get(url)
        if kept and now - kept.asked_at < (AGAIN_S if fresh else KEPT_S):
            self._kept.move_to_end(url)
            return kept.document
        if now - self._absent.get(url, -AGAIN_S) < AGAIN_S:
            return b""
        try:
            found = self._ask(url, now)
        except KeysUnavailable:
            if kept is None:
                raise
            found = kept.document  # old keys are better than turning every delivery away
        if found:
            _remember(self._kept, url, _Kept(found, now))
        else:
            self._kept.pop(url, None)
            _remember(self._absent, url, now)
        return found

    def _ask(self, url: str, now: float) -> bytes:
        if len(self._asked) == MOST_ASKED and now - self._asked[0] < 60:  # noqa: PLR2004  seconds of the minute
            raise KeysUnavailable("asked often enough in this minute")
        self._asked.append(now)
        result = self._http.perform(HttpCall(method="GET", url=url, timeout_s=TIMEOUT_S))
        if result.status == HTTPStatus.OK:
            return result.body
        if HTTPStatus.BAD_REQUEST <= result.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return b""  # there is no such key
        raise KeysUnavailable(f"the host of the keys answered {result.status}")


def _remember(where: OrderedDict[str, T], url: str, what: T) -> None:
    where[url] = what
    where.move_to_end(url)
    while len(where) > MOST_KEPT:
        where.popitem(last=False)
