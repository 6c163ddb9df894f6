"""Plays a story on a stage, minute by minute: what arrives in it, what agents do in it, and the sweep at its start."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from infra.demo import facebook, x
from infra.demo.airline import AIRLINE_ON_FACEBOOK, AIRLINE_ON_X, FACEBOOK, X
from infra.demo.script import Act, Delivery, Line, Moment, Seal, Told
from infra.problem import Problem

ONE_MINUTE = timedelta(minutes=1)
REFUSALS: Mapping[Seal, int] = {Seal.FORGED: 403, Seal.NONE: 401}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen:
    """A message to people, as a machine gets it."""

    id: str
    kind: str  # warning, breach or notice
    group: str
    case_id: str
    platform: str
    author: str
    waiting_since: datetime | None
    due_at: datetime | None

    @classmethod
    def read(cls, body: str) -> "PageSeen":
        """From the JSON that is published."""
        told = json.loads(body)
        since, due = told["waiting_since"], told["due_at"]
        return cls(
            id=told["id"],
            kind=told["kind"],
            group=told["group"],
            case_id=told["case_id"],
            platform=told["platform"],
            author=told["author"] or "somebody",
            waiting_since=datetime.fromisoformat(since) if since else None,
            due_at=datetime.fromisoformat(due) if due else None,
        )


class Stage(Protocol):
    """Where a story is played: the real stack on the local AWS, or its use cases in memory."""

    def set_clock(self, moment: datetime) -> None: ...

    def post(self, delivery: Delivery) -> int:
        """Deliver a webhook; the HTTP status."""
        ...

    def act(self, act: Act) -> None:
        """What an agent does. Raises Problem when it is refused."""
        ...

    def settle(self) -> None:
        """Return when everything that arrived has been worked on. Raises Problem."""
        ...

    def sweep(self) -> None:
        """What the schedule does every minute."""
        ...

    def pages(self) -> Sequence[PageSeen]:
        """What went out to people since this was last asked."""
        ...


class Screen(Protocol):
    """Who is told what happens."""

    def line(self, at: datetime, platform: str, line: Line) -> None: ...

    def page(self, at: datetime, page: PageSeen) -> None: ...

    def minute(self, now: datetime) -> None: ...


@dataclass(slots=True)
class Heard:
    """What was delivered, and what went out to people. Stand-ins deliver from threads of their own."""

    received: int = 0
    refused: int = 0
    pages: list[PageSeen] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def kinds(self) -> Counter[str]:
        return Counter(page.kind for page in self.pages)


@dataclass(slots=True)
class Player:
    """One performance. `pause` is called with the seconds that are left of a simulated minute."""

    stage: Stage
    screen: Screen
    minute_s: float = 0.0
    pause: Callable[[float], None] = time.sleep
    heard: Heard = field(default_factory=Heard)

    def play(self, morning: Sequence[Moment], begins: datetime, ends: datetime) -> Heard:
        """Raises Problem when the stage does what it must not."""
        left = list(morning)
        for minute in _minutes(begins, ends):
            began = time.monotonic()
            self._sweep(minute)
            while left and left[0].at < minute + ONE_MINUTE:
                self._happens(left.pop(0))
            self.stage.settle()
            self.pause(max(0.0, self.minute_s - (time.monotonic() - began)))
        self._sweep(ends)
        return self.heard

    def deliver(self, delivery: Delivery) -> None:
        """Post a webhook and see that it is taken, or refused, as it must be."""
        status = self.stage.post(delivery)
        expected = REFUSALS.get(delivery.seal, 200)
        if status != expected:
            raise Problem(f"The webhook of {delivery.channel} answered {status} where {expected} was expected.")
        with self.heard.lock:
            self.heard.received += status == 200
            self.heard.refused += status != 200
        self.screen.line(delivery.at, platform_of(delivery.channel), delivery.line)

    def _sweep(self, minute: datetime) -> None:
        self.stage.set_clock(minute)
        self.screen.minute(minute)
        self.stage.sweep()
        for page in self.stage.pages():
            self.heard.pages.append(page)
            self.screen.page(minute, page)

    def _happens(self, moment: Moment) -> None:
        if isinstance(moment, Delivery):
            self.stage.set_clock(moment.at)
            self.deliver(moment)
            return
        self.stage.settle()  # an agent sees what has happened before
        self.stage.set_clock(moment.at)
        self.screen.line(moment.at, platform_of(moment.channel), moment.line)
        self.stage.act(moment)
        self.stage.settle()


def platform_of(channel: str) -> str:
    return channel.partition(".")[0]


def _minutes(begins: datetime, ends: datetime) -> Iterator[datetime]:
    while begins < ends:
        yield begins
        begins += ONE_MINUTE


# --- what a platform tells of an answer that it took -----------------------------------------------------------------


def x_echo(post: Mapping[str, Any], asked: x.Post) -> Delivery:
    """X tells us of our own answer below `asked`; `post` is as the stand-in keeps it."""
    at = datetime.fromisoformat(post["created_at"])
    answer = x.Post(id=post["id"], at=at, by=AIRLINE_ON_X, text=post["text"], below=asked)
    return _echo(at, X, x.activity(answer, "post.create"))


def facebook_echo(post: Mapping[str, Any], asked: facebook.Comment) -> Delivery:
    """Facebook tells us of our own comment below `asked`."""
    at = datetime.fromisoformat(post["created_at"])
    by = AIRLINE_ON_FACEBOOK
    answer = facebook.Comment(at=at, by=by, text=post["text"], on=asked.on, below=asked, given_id=post["id"])
    return _echo(at, FACEBOOK, facebook.commented(answer))


def _echo(at: datetime, channel: str, body: bytes) -> Delivery:
    line = Line(about=Told.AGAIN, who="Larkspur", text="the platform tells of our own answer: it has arrived")
    return Delivery(at=at, channel=channel, body=body, line=line)
