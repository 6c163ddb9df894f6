"""
Pages on to PagerDuty and chat.

At least once: PagerDuty counts events of one key as one incident, and chat
shows a repeat in the thread of its case.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from chalicelib.domain.alerts import forwarded
from chalicelib.ports.connector.calls import HttpCall
from chalicelib.ports.forwarding import ChatTopic, Forwarding, ForwardingSettings
from chalicelib.ports.http import Http
from chalicelib.ports.inbound import Malformed

Form = TypeVar("Form")

_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, RecursionError)


class TryLater(Exception):
    """PagerDuty did not take it now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """What forwarding needs from outside."""

    settings: ForwardingSettings
    http: Http
    chat: ChatTopic
    passed_over: Callable[[str], None]


def forward(envelope: str, ports: Ports) -> None:
    """
    Tell PagerDuty and chat what SNS put on the queue.

    Raises Malformed for what can never be told, TryLater and AlertUndelivered
    for what comes again.
    """
    page = _page_in(envelope)
    settings = ports.settings.forwarding()
    if page["schema"] not in forwarded.FORWARDED or not (settings.routing_key or settings.chat):
        ports.passed_over(str(page["schema"]))
        return
    try:
        _tell_pagerduty(page, settings, ports.http)
    finally:  # chat hears of it, also when PagerDuty is down
        if settings.chat:
            ports.chat.publish(_formed(lambda: forwarded.chat(page)))


def _page_in(envelope: str) -> forwarded.Page:
    """What was published, out of SNS's notification."""

    def read() -> forwarded.Page:
        page: forwarded.Page = json.loads(json.loads(envelope)["Message"])
        page["schema"]
        return page

    return _formed(read)


def _formed(form: Callable[[], Form]) -> Form:
    try:
        return form()
    except _UNREADABLE as error:
        raise Malformed(f"not a page: {type(error).__name__}") from error


def _tell_pagerduty(page: forwarded.Page, settings: Forwarding, http: Http) -> None:
    key = settings.routing_key
    event = _formed(lambda: forwarded.pagerduty(page, key)) if key else None
    if event is not None:
        _enqueue(event, settings.pagerduty_base, http)


def _enqueue(event: Mapping[str, Any], base: str, http: Http) -> None:
    result = http.perform(HttpCall(method="POST", url=f"{base}/v2/enqueue", json=event))
    if result.status == HTTPStatus.ACCEPTED:
        return
    if _is_final(result.status):
        raise Malformed(f"PagerDuty refused the event with {result.status}: is its key right?")
    raise TryLater(f"PagerDuty answered {result.status or 'nothing'}")


def _is_final(status: int) -> bool:
    is_ours = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return is_ours and status not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)
