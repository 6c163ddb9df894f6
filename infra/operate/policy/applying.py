"""A version from draft to done: what it changes, what it would do, and the walk over the open cases."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import click

from chalicelib.domain.policy import PolicyBook
from chalicelib.ports.policies import Conflict, PolicyJob
from chalicelib.usecases import apply_policy
from infra.operate.policy import words
from infra.operate.policy.reading import PolicyDraft, numbered
from infra.operate.policy.stage import PolicyStage
from infra.problem import Problem

PAUSE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A draft beside what is in force on a stage. `version` is the number it would get."""

    draft: PolicyDraft
    version: int
    before: PolicyBook

    @property
    def book(self) -> PolicyBook:
        return numbered(self.draft, self.version)

    @property
    def changes(self) -> list[str]:
        return words.difference(self.before, self.book)


def propose(draft: PolicyDraft, stage: PolicyStage) -> Proposal:
    promises = stage.policies.promises()
    version = max(one.version for one in stage.policies.versions()) + 1
    return Proposal(draft=draft, version=version, before=promises.books[promises.current])


def describe(proposal: Proposal, stage: PolicyStage, now: datetime) -> Iterator[str]:
    """What would change, and what that would do to open cases."""
    yield f"Version {proposal.version} against version {proposal.before.version}, which is in force:"
    yield from (f"  {change}" for change in proposal.changes)
    yield ""
    with _Ticker("open cases") as ticker:
        found = apply_policy.forecast(
            proposal.book, store=stage.store, promises=stage.policies.promises(), now=now, progress=ticker.show
        )
    yield from words.forecast(found)


def apply(proposal: Proposal, stage: PolicyStage, *, actor: str, now: datetime) -> PolicyJob:
    """Raises Problem when somebody else applied a version since the proposal was made."""
    try:
        return stage.policies.apply(proposal.version, proposal.draft.toml, at=now, actor=actor)
    except Conflict:
        raise Problem(
            f"Somebody else has just applied version {proposal.version}.",
            "look at what is in force now, then apply again",
        ) from None


def follow(
    version: int, stage: PolicyStage, clock: Callable[[], datetime], sleep: Callable[[float], None]
) -> PolicyJob:
    """Tell the open cases, or watch the sweep do it, until the first walk is over."""
    with _Ticker("cases told") as ticker:
        while True:
            job = apply_policy.step(version, stage.repolicy_ports(), clock())
            if job is None:
                raise Problem(f"Version {version} has no job.")
            ticker.show(job.seen)
            if job.is_done or job.walk > 1:
                return job
            sleep(0 if job.next_at and job.next_at <= clock() else PAUSE_S)


class _Ticker:
    """A number that grows on one line; silent where nobody sees it grow."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown_at = 0.0

    def __enter__(self) -> "_Ticker":
        return self

    def show(self, count: int) -> None:
        if sys.stderr.isatty() and time.monotonic() - self._shown_at > 0.1:
            self._shown_at = time.monotonic()
            click.echo(f"\r{count:,} {self._what} ...", nl=False, err=True)

    def __exit__(self, *_: object) -> None:
        if self._shown_at:
            click.echo("\r\033[K", nl=False, err=True)
