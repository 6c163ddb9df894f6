"""What one alert about many customers says (R15)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from chalicelib.domain.alerts import links, message
from chalicelib.domain.alerts.case_alert import SEVERITY, WORD, CaseAlert
from chalicelib.domain.alerts.message import Alert, iso
from chalicelib.domain.in_words import span
from chalicelib.domain.watch import PageKind

SCHEMA: Final = "earshot.digest/1"  # docs/pages.md
MOST_NAMED: Final = 20  # in a mail
MOST_LISTED: Final = 200  # as data: a message of SNS holds 256 kB


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """
    One message about many clocks. `pages` holds a page for each that is still waited for, none once it is over.

    `count` is how many it is about; `id` the same for every attempt,
    and `root` for all steps of the ladder and their end.
    """

    id: str
    root: str
    kind: PageKind
    step: int
    group: str
    policy_id: str
    count: int
    pages: Sequence[CaseAlert]
    now: datetime
    base_url: str
    code: str | None = None

    @property
    def url(self) -> str | None:
        """Where people see all cases."""
        return f"{self.base_url.rstrip('/')}/console" if self.base_url else None

    @property
    def ack_url(self) -> str | None:
        return links.url_of(self.base_url, self.code)


def alert(digest: Digest) -> Alert:
    word, said = WORD[digest.kind], _state_of_things(digest)
    return Alert(
        subject=(f"[Earshot] {word}: {said}",),
        sms=((f"{word}: {said}.",), (word,)),
        link=digest.ack_url or digest.url,
        sections=(f"{word}: {said} (policy {digest.policy_id}).", _cases(digest), _next_step(digest)),
        id=digest.id,
        body=_body(digest),
        attributes=_attributes(digest),
        assignees=tuple(sorted({page.state.assignee for page in digest.pages if page.state.assignee})),
    )


def _state_of_things(digest: Digest) -> str:
    if digest.kind is PageKind.NOTICE:
        return f"nobody waits any more, of {digest.count} who did"
    who = "1 customer waits" if digest.count == 1 else f"{digest.count} customers wait, the longest"
    since = [page.waiting_since for page in digest.pages if page.waiting_since]
    return f"{who} {span(digest.now - min(since)) if since else 'some time'}"


def _cases(digest: Digest) -> str:
    named = digest.pages[:MOST_NAMED]
    left_out = len(digest.pages) - len(named)
    lines = [f"- {message.sentence((page.who,))}: {page.url or page.case_id}" for page in named]
    return "\n".join([*lines, *([f"and {left_out} others"] if left_out else [])])


def _next_step(digest: Digest) -> str:
    where = f": {digest.url}" if digest.url else ""
    if digest.kind is PageKind.NOTICE:
        return f"Nothing to do. All cases{where}"
    taken = f"\nIf you are on it, say so, for all of them: {digest.ack_url}" if digest.ack_url else ""
    return f"What to do: answer them, the most urgent first{where}{taken}"


def _body(digest: Digest) -> Mapping[str, Any]:
    """Of a stable schema: every key is always there; instants in UTC."""
    return {
        "schema": SCHEMA,
        "id": digest.id,
        "root": digest.root,
        "kind": digest.kind.value,
        "severity": SEVERITY[digest.kind],
        "group": digest.group,
        "step": digest.step,
        "at": iso(digest.now),
        "policy": digest.policy_id,
        "count": digest.count,
        "url": digest.url,
        "ack_url": digest.ack_url,
        "cases": [_case(page) for page in digest.pages[:MOST_LISTED]],
    }


def _case(page: CaseAlert) -> Mapping[str, str | None]:
    return {
        "case_id": page.case_id,
        "url": page.url,
        "platform": page.platform,
        "metric": page.metric.value,
        "author": message.name_as_data(page.author or ""),
        "waiting_since": iso(page.waiting_since),
    }


def _attributes(digest: Digest) -> Mapping[str, str]:
    """As of a page; what is not the same for all of them is "several"."""
    return message.attributes(
        kind=digest.kind.value,
        severity=SEVERITY[digest.kind],
        group=digest.group,
        team=_common({page.team for page in digest.pages}),
        platform=_common({page.platform for page in digest.pages}),
        channel=_common({page.state.channel for page in digest.pages}),
        page_id=digest.id,
    )


def _common(values: set[str]) -> str:
    return next(iter(values)) if len(values) == 1 else "several"
