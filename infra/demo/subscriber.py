"""
A machine of the airline that is told of pages: it takes what SNS posts, and says yes when asked whether it listens.

Headers, envelope and confirmation: docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html, read 2026-11-23.
A subscriber that the world can reach checks the signature too; the local AWS signs nothing.
"""

import json
import threading
import urllib.request
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from infra.problem import Problem
from infra.standins.base import Standin, StandinAnswer, StandinCall

PATIENCE_S: Final = 30.0
_TYPE: Final = "x-amz-sns-message-type"


class Subscriber(Standin):
    """The server. Repeats are dropped by the id of the message, as docs/pages.md asks."""

    def __init__(self, topic_arn: str) -> None:
        super().__init__()
        self._topic_arn = topic_arn
        self._news = threading.Condition()
        self._is_confirmed = False
        self._pages: dict[str, str] = {}
        self._readers: Mapping[str | None, Callable[[dict[str, Any]], None]] = {
            "SubscriptionConfirmation": self._confirm,
            "Notification": self._keep,
        }

    @property
    def endpoint(self) -> str:
        """What to subscribe."""
        return f"{self.url}/pages"

    def answer(self, call: StandinCall) -> StandinAnswer:
        """What SNS hears: anything but 2xx would make the real one try again."""
        read = self._readers.get(call.headers.get(_TYPE))
        if read is None:
            return StandinAnswer(status=HTTPStatus.BAD_REQUEST)
        envelope = json.loads(call.body)
        if envelope["TopicArn"] != self._topic_arn:  # whoever wants us to listen to something else
            return StandinAnswer(status=HTTPStatus.FORBIDDEN)
        read(envelope)
        return StandinAnswer()

    def wait_until_confirmed(self) -> None:
        """Nothing is delivered before. Raises Problem."""
        self._wait(lambda: self._is_confirmed, "SNS has not asked it whether it listens")

    def page(self, page_id: str) -> str:
        """The JSON of a page as it was posted here; waits for one that is on its way. Raises Problem."""
        self._wait(lambda: page_id in self._pages, f"it never got {page_id}")
        return self._pages[page_id]

    def _confirm(self, envelope: dict[str, Any]) -> None:
        with urllib.request.urlopen(envelope["SubscribeURL"], timeout=PATIENCE_S):  # noqa: S310 - the local AWS
            pass
        with self._news:
            self._is_confirmed = True
            self._news.notify_all()

    def _keep(self, envelope: dict[str, Any]) -> None:
        body = envelope["Message"]
        with self._news:
            self._pages.setdefault(json.loads(body)["id"], body)
            self._news.notify_all()

    def _wait(self, has_come: Callable[[], bool], trouble: str) -> None:
        with self._news:
            if not self._news.wait_for(has_come, timeout=PATIENCE_S):
                raise Problem(f"The subscriber at {self.endpoint} waited {PATIENCE_S:g} s: {trouble}.")
