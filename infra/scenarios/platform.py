"""A platform for scenarios: it takes answers, or refuses them as the file says, and stamps them with the time."""

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from chalicelib.ports.connector.calls import HttpCall, HttpResult, Steps
from chalicelib.ports.connector.replying import (
    DeliveryError,
    NotAuthorised,
    OutboundReply,
    Receipt,
    Refused,
    SendContext,
    Throttled,
    Unavailable,
)
from chalicelib.ports.secrets import SendSecrets

_ERRORS: Final[dict[str, type[DeliveryError]]] = {
    "refused": Refused,
    "unauthorised": NotAuthorised,
    "throttled": Throttled,
    "unavailable": Unavailable,
}
_URL: Final = "https://platform.example/posts"


@dataclass(slots=True)
class Plan:
    """What becomes of an answer: the id of its post, what fails first, what happens before the platform says so."""

    message_id: str
    fails: deque[str] = field(default_factory=deque)
    meanwhile: Callable[[], None] = lambda: None


class ScriptedPlatform:
    """Satisfies the ports `Http`, `Reply` and `SendingSecrets`. `clock` tells aware UTC."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._plans: dict[str, Plan] = {}

    def plan(self, text: str, plan: Plan) -> None:
        """What will become of the answer with these words."""
        self._plans[text] = plan

    def send_secrets(self, channel: str, account_id: str, *, fresh: bool = False) -> SendSecrets:  # noqa: ARG002
        """One key opens everything."""
        return SendSecrets(credentials={"token": "scenario"})

    def perform(self, call: HttpCall) -> HttpResult:
        if call.method != "POST" or call.json is None:
            return HttpResult(status=404)
        plan = self._plans[call.json["text"]]
        if plan.fails:
            return HttpResult(status=400, body=plan.fails.popleft().encode())
        posted_at = self._clock()
        plan.meanwhile()
        return HttpResult(status=200, body=json.dumps({"id": plan.message_id, "at": posted_at.isoformat()}).encode())

    def check(self, reply: OutboundReply) -> None:
        """Everything may be tried."""

    def send(self, reply: OutboundReply, context: SendContext) -> Steps[Receipt]:  # noqa: ARG002  the words say it all
        result = yield HttpCall(method="POST", url=_URL, json={"text": reply.text}, posts=True)
        if result.status != 200:
            name = result.body.decode()
            raise _ERRORS[name](f"The platform says: {name}.", code=name)
        answer = json.loads(result.body)
        return Receipt(message_id=answer["id"], posted_at=datetime.fromisoformat(answer["at"]))

    def look(self, reply: OutboundReply, context: SendContext) -> Steps[Receipt | None]:  # noqa: ARG002
        """What failed never arrived."""
        yield HttpCall(method="GET", url=_URL)
        return None
