"""Plays a story on a stage, minute by minute: what arrives in it, what agents do in it, and the sweep at its start."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from infra.demo import facebook, x
from infra.demo.airline import AIRLINE_ON_FACEBOOK, AIRLINE_ON_X, FACEBOOK, X
from infra.demo.reading import aloud
from infra.demo.script import AgentAct, Delivery, Moment, ScriptLine, SignedWith, Told, Visit
from infra.problem import Problem

ONE_MINUTE = timedelta(minutes=1)
STILL_WAITS = "A customer still waits"
LOOKS_AGAIN = "opens the link again:"
REFUSALS: Mapping[SignedWith, int] = {SignedWith.FORGED: 404, SignedWith.NONE: 404}


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
    at: datetime | None = None
    ack_url: str | None = None

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
            at=datetime.fromisoformat(told["at"]),
            ack_url=told["ack_url"],
        )


class Stage(Protocol):
    """Where a story is played: the real stack on the local AWS, or its use cases in memory."""

    def set_clock(self, moment: datetime) -> None: ...

    def post(self, delivery: Delivery) -> int:
        """Deliver a webhook; the HTTP status."""
        ...

    def act(self, act: AgentAct) -> None:
        """What an agent does. Raises Problem when it is refused."""
        ...

    def look(self, link: str) -> str:
        """Open the link of a page; the HTML. Raises Problem."""
        ...

    def acknowledge(self, link: str, name: str) -> str:
        """Press the button behind it; the HTML. Raises Problem."""
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

    def line(self, at: datetime, platform: str, line: ScriptLine) -> None: ...

    def page(self, at: datetime, page: PageSeen) -> None: ...

    def minute(self, now: datetime) -> None: ...


@dataclass(slots=True)
class HeardAlert:
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
    heard: HeardAlert = field(default_factory=HeardAlert)
    _taken: dict[str, tuple[str, Visit]] = field(default_factory=dict)  # case: the link, and who said so

    def play(self, morning: Sequence[Moment], begins: datetime, ends: datetime) -> HeardAlert:
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
            if page.kind == "breach" and page.case_id in self._taken:
                self._lapses(minute, *self._taken.pop(page.case_id))
            self.heard.pages.append(page)
            self.screen.page(minute, page)

    def _happens(self, moment: Moment) -> None:
        if isinstance(moment, Delivery):
            self.stage.set_clock(moment.at)
            self.deliver(moment)
            return
        self.stage.settle()  # people see what has happened before
        self.stage.set_clock(moment.at)
        if isinstance(moment, Visit):
            self._visit(moment)
            return
        self.screen.line(moment.at, platform_of(moment.channel), moment.line)
        self.stage.act(moment)
        self.stage.settle()

    def _visit(self, visit: Visit) -> None:
        page = self._page_for(visit)
        assert page.ack_url is not None  # noqa: S101 - _page_for looked
        if visit.presses:
            document = self.stage.acknowledge(page.ack_url, visit.line.who)
            self._taken[page.case_id] = page.ack_url, visit
        else:
            document = self.stage.look(page.ack_url)
        self._reads(visit.at, visit, visit.line, document, visit.title)

    def _page_for(self, visit: Visit) -> PageSeen:
        """The newest one with a link."""
        for page in reversed(self.heard.pages):
            if page.ack_url and (page.group, page.author) == (visit.group, visit.author):
                return page
        raise Problem(f"No page about {visit.author} with a link in it has reached {visit.group}.")

    def _lapses(self, minute: datetime, link: str, visit: Visit) -> None:
        """Whoever was on it looks once more, now that the next step goes out."""
        line = replace(visit.line, about=Told.LAPSED, text=LOOKS_AGAIN)
        self._reads(minute, visit, line, self.stage.look(link), STILL_WAITS)

    def _reads(self, at: datetime, visit: Visit, line: ScriptLine, document: str, title: str) -> None:
        read = aloud(document)
        if not read.startswith(f"{title}."):
            raise Problem(f"The link in a page to {visit.group} showed {read!r} where {title!r} was expected.")
        self.screen.line(at, visit.group, replace(line, text=f"{line.text} {read}"))


def platform_of(channel: str) -> str:
    return channel.partition(".")[0]


def _minutes(begins: datetime, ends: datetime) -> Iterator[datetime]:
    while begins < ends:
        yield begins
        begins += ONE_MINUTE


# --- what a platform tells of an answer that it took -----------------------------------------------------------------


def x_echo(post: Mapping[str, Any], asked: x.XPost) -> Delivery:
    """X tells us of our own answer below `asked`; `post` is as the stand-in keeps it."""
    at = datetime.fromisoformat(post["created_at"])
    answer = x.XPost(id=post["id"], at=at, by=AIRLINE_ON_X, text=post["text"], below=asked)
    return _echo(at, X, x.activity(answer, "post.create"))


def facebook_echo(post: Mapping[str, Any], asked: facebook.Comment) -> Delivery:
    """Facebook tells us of our own comment below `asked`."""
    at = datetime.fromisoformat(post["created_at"])
    by = AIRLINE_ON_FACEBOOK
    answer = facebook.Comment(at=at, by=by, text=post["text"], on=asked.on, below=asked, given_id=post["id"])
    return _echo(at, FACEBOOK, facebook.commented(answer))


def _echo(at: datetime, channel: str, body: bytes) -> Delivery:
    line = ScriptLine(about=Told.AGAIN, who="Larkspur", text="the platform tells of our own answer: it has arrived")
    return Delivery(at=at, channel=channel, body=body, line=line)
