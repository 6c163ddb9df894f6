"""
What one message about many customers says (R15).

The same rules as for a single page: what strangers wrote is cleaned and cut,
and decides nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from chalicelib.domain import gsm7, links
from chalicelib.domain.page_text import MOST_SMS_SEPTETS, SEVERITY, WORD, Page, span
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
    pages: Sequence[Page]
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


def headline(digest: Digest) -> str:
    return f"[Earshot] {WORD[digest.kind]}: {_state_of_things(digest)}"


def sms(digest: Digest) -> str:
    """At most 140 septets of GSM-7."""
    where = digest.ack_url or digest.url or ""
    text = f"{WORD[digest.kind]}: {_state_of_things(digest)}. {where}".strip()
    return gsm7.cut(gsm7.fold(text), MOST_SMS_SEPTETS)


def mail(digest: Digest) -> str:
    sections = [f"{WORD[digest.kind]}: {_state_of_things(digest)} (policy {digest.policy_id}).", *_cases(digest)]
    return "\n\n".join([*sections, _next_step(digest)]) + f"\n\nMessage {digest.id}\n"


def _state_of_things(digest: Digest) -> str:
    if digest.kind is PageKind.NOTICE:
        return f"nobody waits any more, of {digest.count} who did"
    who = "1 customer waits" if digest.count == 1 else f"{digest.count} customers wait, the longest"
    return f"{who} {_longest(digest)}"


def _longest(digest: Digest) -> str:
    since = [page.waiting_since for page in digest.pages if page.waiting_since]
    return span((digest.now - min(since)).total_seconds()) if since else "some time"


def _cases(digest: Digest) -> Iterator[str]:
    named = digest.pages[:MOST_NAMED]
    left_out = len(digest.pages) - len(named)
    lines = [f"- {page.author or 'a customer'}: {page.url or page.case_id}" for page in named]
    if lines:
        yield "\n".join([*lines, *([f"and {left_out} others"] if left_out else [])])


def _next_step(digest: Digest) -> str:
    where = f": {digest.url}" if digest.url else ""
    if digest.kind is PageKind.NOTICE:
        return f"Nothing to do. All cases{where}"
    taken = f"\nIf you are on it, say so, for all of them: {digest.ack_url}" if digest.ack_url else ""
    return f"What to do: answer them, the most urgent first{where}{taken}"


def body(digest: Digest) -> str:
    """JSON of a stable schema: every key is always there; instants in UTC."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "id": digest.id,
            "root": digest.root,
            "kind": digest.kind.value,
            "severity": SEVERITY[digest.kind],
            "group": digest.group,
            "step": digest.step,
            "at": _iso(digest.now),
            "policy": digest.policy_id,
            "count": digest.count,
            "url": digest.url,
            "ack_url": digest.ack_url,
            "cases": [_case(page) for page in digest.pages[:MOST_LISTED]],
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def _case(page: Page) -> Mapping[str, str | None]:
    return {
        "case_id": page.case_id,
        "url": page.url,
        "platform": page.platform,
        "metric": page.metric.value,
        "author": page.author,
        "waiting_since": _iso(page.waiting_since),
    }


def attributes(digest: Digest) -> Mapping[str, str]:
    """As of a page; what is not the same for all of them is "several"."""
    return {
        "kind": digest.kind.value,
        "severity": SEVERITY[digest.kind],
        "group": digest.group or "unknown",
        "team": _common({page.team for page in digest.pages}),
        "platform": _common({page.platform for page in digest.pages}),
        "channel": _common({page.state.channel for page in digest.pages}),
        "page_id": digest.id,
    }


def _common(values: set[str]) -> str:
    return next(iter(values)) or "unknown" if len(values) == 1 else "several"


def _iso(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None
