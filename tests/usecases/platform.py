"""An invented platform that remembers what was posted, its connector, and all that delivering needs around it."""

import json
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock

from chalicelib.adapters.alarms import TableAlarms
from chalicelib.adapters.memory.outside import MemoryQueues
from chalicelib.adapters.tokens import TableTokens
from chalicelib.domain.events import EventKind, action
from chalicelib.domain.facts import Author
from chalicelib.ports.alerts import AlertUndelivered
from chalicelib.ports.cases import ReplyItem
from chalicelib.ports.connector.calls import HttpCall, HttpResult
from chalicelib.ports.connector.replying import MaybeSent, Receipt, Unavailable
from chalicelib.ports.secrets import SecretMissing, SendSecrets
from chalicelib.usecases.cases.timeline import commit_for
from chalicelib.usecases.deliver import Ports, deliver
from chalicelib.usecases.replies.access import Access
from tests.usecases.world import PROMISES, answered, at, no_waiting, store, take, wrote

POSTED_AT = at(10)
POSTS = "https://platform.example/posts"


def echo(message_id="700", minutes=10, **changed):
    """What X tells of our own post."""
    values = {"text": "we found it", "author": Author(id="900", handle="larkspur"), "via_app_id": "app-1"}
    return replace(answered(message_id, minutes, "100"), **{**values, **changed})


class Connector:
    """Satisfies `ports.connector.Reply`. The platform's answer may name one of `errors`, to be raised."""

    def __init__(self):
        self.errors = {}
        self.refuses = None  # what `check` raises

    def check(self, _):
        if self.refuses:
            raise self.refuses

    def send(self, reply, _):
        return self._receipt((yield HttpCall(method="POST", url=POSTS, json=_body(reply), posts=True)))

    def look(self, reply, _):
        assert reply.first_tried_at is not None
        result = yield HttpCall(method="GET", url=POSTS, json=_body(reply))
        return None if result.status == 404 else self._receipt(result)

    def _receipt(self, result):
        if result.status == 0:
            raise MaybeSent("No answer.", code="no_answer") if result.sent else Unavailable("Down.", code="down")
        answer = json.loads(result.body)
        if "error" in answer:
            raise self.errors[answer["error"]]
        return Receipt(message_id=answer["id"], posted_at=datetime.fromisoformat(answer["at"]))


def _body(reply):
    return {"text": reply.text, "parent": reply.parent_id}


class Platform:
    """
    Satisfies `ports.http.Http`. A post takes effect and stays.

    `script` says what happens to the next calls, one each: None for nothing
    special, "lost" for a post that arrives and whose answer does not,
    "unreachable", "hidden" for a look that does not show what is there, or the
    name of an error. `refuses` is the name of an error that every post gets.
    """

    def __init__(self):
        self.posts = []
        self.calls = []
        self.script = deque()
        self.refuses = None
        self.on_post = lambda post: None
        self._lock = Lock()

    def perform(self, call):
        with self._lock:
            self.calls.append(call.method)
            event = self.script.popleft() if self.script else None
        if call.method == "POST":
            event = self.refuses or event
        if event == "unreachable":
            return HttpResult(status=0, sent=False)
        if event not in (None, "lost", "hidden"):
            return HttpResult(status=400, body=json.dumps({"error": event}).encode())
        if call.method == "GET":
            return HttpResult(status=404) if event == "hidden" else self._found(call)
        post = self._post(call)
        return HttpResult(status=0) if event == "lost" else _shown(post)

    def _post(self, call):
        with self._lock:
            post = {"id": str(700 + len(self.posts)), **call.json}
            self.posts.append(post)
        self.on_post(post)
        return post

    def _found(self, call):
        ours = [post for post in self.posts if call.json.items() <= post.items()]
        return _shown(ours[0]) if ours else HttpResult(status=404)


def _shown(post):
    return HttpResult(status=200, body=json.dumps({"id": post["id"], "at": POSTED_AT.isoformat()}).encode())


class Secrets:
    """Satisfies `ports.secrets.SendingSecrets`."""

    def __init__(self, **values):
        self.missing = False
        self.values = {"credentials": {"token": "t"}, **values}

    def send_secrets(self, channel, _, *, fresh=False):  # noqa: ARG002
        if self.missing:
            raise SecretMissing(channel)
        return SendSecrets(**self.values)


class Inbox:
    """Satisfies `ports.alerts.Alerts`."""

    def __init__(self):
        self.messages = []
        self.broken = False

    def publish(self, message):
        if self.broken:
            raise AlertUndelivered("down")
        self.messages.append(message)


class Desk:
    """One case of one customer, one answer in its outbox, and a clock that the test moves."""

    REPLY_ID = "r1"

    def __init__(self, *, mention=None, then=(), **changed):
        self.table, self.cases = store()
        self.platform, self.connector, self.secrets, self.alerts = Platform(), Connector(), Secrets(), Inbox()
        self.queues = MemoryQueues()
        self.renewer = None  # tokens do not expire
        self.now = POSTED_AT
        self.mention = mention or wrote("100", 0)
        take(self.cases, [self.mention])
        self.ask(**changed)
        for kind in then:
            self.act(kind)

    @property
    def case_id(self):
        message_id = self.mention.message_id
        return self.cases.addresses(self.mention.platform, [message_id])[message_id].case_id

    @property
    def case(self):
        case, _ = self.cases.case(self.case_id)
        return case

    @property
    def state(self):
        return self.case.state

    @property
    def item(self):
        return self.cases.reply(self.REPLY_ID)

    @property
    def events(self):
        return {event.key: event for event in self.cases.events(self.case_id)}

    def ask(self, reply_id=REPLY_ID, **changed):
        """What the agent's answer leaves behind."""
        values = {
            "reply_id": reply_id,
            "case_id": self.case_id,
            "platform": self.mention.platform,
            "channel": self.mention.channel,
            "account_id": self.mention.account_id,
            "parent_id": self.mention.message_id,
            "customer_id": self.mention.author.id,
            "text": "we found it",
            "private": False,
            "actor": "ann",
            "asked_at": at(9),
            "next_at": at(10),
        }
        item = ReplyItem(**{**values, **changed})
        self.act(EventKind.REPLY, minutes=9, action_id=reply_id, replies=(item,), detail={"reply_id": reply_id})

    def act(self, kind, *, minutes=9.5, action_id="a", replies=(), detail=None):
        event = action(kind, action_id=action_id, at=at(minutes), actor="ann", detail=detail or {}, book=1)
        commit = commit_for(self.case, [event], store=self.cases, promises=PROMISES, now=at(minutes))
        self.cases.commit(replace(commit, replies=replies))

    @property
    def ports(self):
        return Ports(
            store=self.cases,
            promises=PROMISES,
            http=self.platform,
            secrets=self.secrets,
            reply_of={self.mention.platform: self.connector}.__getitem__,
            access=self.access,
            alerts=self.alerts,
            alarms=TableAlarms(self.table),
            backoff=no_waiting,
            clock=lambda: self.now,
            queues=self.queues,
        )

    @property
    def access(self):
        return Access(
            tokens=TableTokens(self.table),
            renewer=lambda _: self.renewer,
            http=self.platform,
            clock=lambda: self.now,
            backoff=no_waiting,
        )

    def deliver(self, reply_id=REPLY_ID, **replaced):
        deliver(reply_id, replace(self.ports, **replaced))

    def pass_time(self, **amount):
        self.now += timedelta(**amount)

    def redrive(self, limit=40, **replaced):
        """The sweep, whenever the answer is due, until it no longer is."""
        for _ in range(limit):
            item = self.item
            if item.next_at is None:
                return
            self.now = max(self.now, item.next_at)
            self.deliver(**replaced)
        raise AssertionError(f"still {self.item.status} after {limit} tries")
