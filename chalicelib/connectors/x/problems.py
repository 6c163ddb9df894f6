"""
What X says when it does not take a reply, as the error that names the next step.

Rules: https://docs.x.com/x-api/fundamentals/response-codes-and-errors and
https://docs.x.com/x-api/fundamentals/rate-limits, read 2026-08-22.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from chalicelib.connectors._kit.json import as_object, json_object
from chalicelib.ports.connector.calls import HttpResult
from chalicelib.ports.connector.replying import (
    DeliveryError,
    MaybeSent,
    NotAuthorised,
    OutboundReply,
    Refused,
    SendContext,
    Throttled,
    Unavailable,
)

RETRY_S = 60.0  # a 429 that does not say when
CAP_RETRY_S = 86_400.0  # a used-up plan that does not say when
EPOCH_DIGITS = 12

# v1.1 error codes: v2 answers have carried them.
DUPLICATE = frozenset({187})
GONE = frozenset({144, 385})
UNAUTHORISED = frozenset({32, 89})


def error_of(reply: OutboundReply, result: HttpResult, context: SendContext) -> DeliveryError:
    """The error of any answer that is no receipt."""
    if result.status == 0 and not result.sent:
        return Unavailable("X could not be reached.", code="no_connection")
    if HTTPStatus.BAD_REQUEST <= result.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        problem = XProblem(reply, result, context.now)
        return next(error(problem) for applies, error in REFUSALS if applies(problem))
    code = {0: "no_answer", 200: "unreadable_answer", 201: "unreadable_answer"}.get(result.status, "server_error")
    return MaybeSent("X gave no clear answer: the reply may be there.", code=code)


class XProblem:
    """A 4xx and its body: v2 says `type` and `detail`, v1.1 says `errors[].code` and `message`."""

    def __init__(self, reply: OutboundReply, result: HttpResult, now: datetime) -> None:
        self.reply, self.status, self._headers, self._now = reply, result.status, result.headers, now
        body = json_object(result.body)
        errors = body.get("errors")
        self._parts = [body, *(as_object(error) for error in (errors if isinstance(errors, list) else []))]

    def has_code(self, codes: frozenset[int]) -> bool:
        return any(isinstance(part.get("code"), int) and part["code"] in codes for part in self._parts)

    def says(self, words: str) -> bool:
        return any(words in str(part.get(name, "")) for part in self._parts for name in ("detail", "message"))

    @property
    def capped(self) -> bool:
        return any(str(part.get("type", "")).endswith("/usage-capped") for part in self._parts)

    @property
    def wait_s(self) -> float | None:
        """Seconds until `x-rate-limit-reset` (epoch seconds); None when it is absent, nonsense or past."""
        reset = self._headers.get("x-rate-limit-reset", "")
        if not (reset.isascii() and reset.isdecimal() and len(reset) <= EPOCH_DIGITS):
            return None
        wait = int(reset) - self._now.timestamp()
        return wait if wait > 0 else None


def _throttled(problem: XProblem) -> DeliveryError:
    return Throttled("X asks us to slow down.", code="rate_limited", retry_after_s=problem.wait_s or RETRY_S)


def _capped(problem: XProblem) -> DeliveryError:
    wait_s = problem.wait_s or CAP_RETRY_S
    return Throttled("The posts of this X plan are used up.", code="usage_capped", retry_after_s=wait_s)


def _unauthorised(_: XProblem) -> DeliveryError:
    return NotAuthorised("X no longer accepts the keys of this account.", code="unauthorised")


def _timed_out(_: XProblem) -> DeliveryError:
    return MaybeSent("X gave up waiting: the reply may be there.", code="request_timeout")


def _duplicate(problem: XProblem) -> DeliveryError:
    if problem.reply.first_tried_at:
        return MaybeSent("X has this text already, perhaps from the last try.", code="duplicate")
    return Refused("The account posted the same text a short while ago: change the words.", code="duplicate")


def _gone(problem: XProblem) -> DeliveryError:
    if problem.reply.private:
        return Refused("The customer cannot be found on X.", code="recipient_gone")
    return Refused("The post to answer is gone.", code="parent_gone")


def _forbidden(_: XProblem) -> DeliveryError:
    return Refused("X does not let this account answer this person.", code="forbidden")


def _invalid(_: XProblem) -> DeliveryError:
    return Refused("X does not accept this reply as it is.", code="invalid_request")


# The first line that applies decides.
REFUSALS: tuple[tuple[Callable[[XProblem], bool], Callable[[XProblem], DeliveryError]], ...] = (
    (lambda problem: problem.capped, _capped),
    (lambda problem: problem.status == HTTPStatus.TOO_MANY_REQUESTS, _throttled),
    (lambda problem: problem.status == HTTPStatus.UNAUTHORIZED or problem.has_code(UNAUTHORISED), _unauthorised),
    (lambda problem: problem.status == HTTPStatus.REQUEST_TIMEOUT, _timed_out),
    (lambda problem: problem.has_code(DUPLICATE) or problem.says("duplicate content"), _duplicate),
    (lambda problem: problem.status == HTTPStatus.NOT_FOUND or problem.has_code(GONE), _gone),
    (lambda problem: problem.status == HTTPStatus.BAD_REQUEST and problem.says("in_reply_to_tweet_id"), _gone),
    (lambda problem: problem.status == HTTPStatus.FORBIDDEN, _forbidden),
    (lambda _: True, _invalid),
)
