"""
Who would hear a page: the filters of subscriptions, tried out on what pages really carry.

The alert service takes a page that nobody subscribed to, and says nothing.
How filters match: docs.aws.amazon.com/sns/latest/dg/string-value-matching.html,
numeric-value-matching.html and sns-subscription-filter-policies.html, read 2026-11-23.
"""

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from chalicelib.domain.alerts import case_alert
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.policy import Ladder, PolicyBook
from chalicelib.domain.watch import Due, PageKind

Value = str | int | float | tuple[str, ...]  # of a list, any value may match
Filter = Mapping[str, Any]

_PLACE: Final = ("platform", "channel")
_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSubscription:
    """
    Somebody who asked for pages.

    `arn` is None until they confirm. `filter` is None for whoever takes
    everything; `is_clear` is False when it looks into the message's body,
    which nobody can promise. `is_locked`: no unsubscribe link removes it.
    """

    protocol: str
    endpoint: str
    arn: str | None
    filter: Filter | None = None
    is_clear: bool = True
    has_dead_letters: bool = False
    is_locked: bool = False

    def hears(self, attributes: Mapping[str, Value]) -> bool:
        """Whether a message with these attributes would surely be handed over."""
        return self.arn is not None and self.is_clear and accepts(self.filter or {}, attributes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Pages of one kind to one group that reach nobody. `channels` is empty while no channel is set up."""

    group: str
    kind: PageKind
    channels: tuple[str, ...] = ()


def unheard(
    book: PolicyBook, subscriptions: Iterable[AlertSubscription], channels: Iterable[str] = ()
) -> tuple[Unheard, ...]:
    """
    What the ladders of `book` send that no confirmed subscription takes.

    Each warning and each step is tried for each of the channels. Without any,
    what filters say of platform and channel does not count. Notices are not
    looked at: whoever wants none may do without.
    """
    known, places = tuple(subscriptions), tuple(sorted(channels))
    calls = dict.fromkeys(call for ladder in book.ladders for call in _calls(ladder))
    found = (_unheard(*call, known, places) for call in calls)
    return tuple(dict.fromkeys(one for one in found if one))


def called(book: PolicyBook) -> tuple[tuple[str, PageKind], ...]:
    """Every group that a ladder calls, with the kind of page it gets; each once, in the order of the ladders."""
    return tuple(dict.fromkeys((group, kind) for ladder in book.ladders for group, kind, _ in _calls(ladder)))


def _calls(ladder: Ladder) -> Iterator[tuple[str, PageKind, str]]:
    """Group, kind, and the team whose case it is."""
    yield ladder.warn_group, PageKind.WARNING, ladder.warn_group
    yield from ((step.group, PageKind.BREACH, ladder.warn_group) for step in ladder.steps)


def is_told_of_their_own(name: str, subscriptions: Iterable[AlertSubscription]) -> bool:
    """Whether somebody hears warnings because the user `name` has the case, whatever group they go to (R12)."""
    warned = attributes("no group of a ladder", PageKind.WARNING, "", "unknown")
    theirs: Mapping[str, Value] = {**warned, "assignee": (name,)}
    everywhere = (_anywhere(subscription) for subscription in subscriptions)
    return any(one.hears(theirs) and not one.hears(warned) for one in everywhere)


def team_of(book: PolicyBook, group: str) -> str:
    """The team for whose cases `group` is called first."""
    return next((ladder.warn_group for ladder in book.ladders if group in _groups(ladder)), "unknown")


def _groups(ladder: Ladder) -> tuple[str, ...]:
    return tuple(group for group, _, _ in _calls(ladder))


def _unheard(
    group: str, kind: PageKind, team: str, subscriptions: tuple[AlertSubscription, ...], channels: tuple[str, ...]
) -> Unheard | None:
    if not channels:
        anywhere = [_anywhere(subscription) for subscription in subscriptions]
        carried = attributes(group, kind, "", team)
        return None if any(one.hears(carried) for one in anywhere) else Unheard(group=group, kind=kind)
    deaf = tuple(channel for channel in channels if not listeners(subscriptions, group, kind, channel, team))
    return Unheard(group=group, kind=kind, channels=deaf) if deaf else None


def _anywhere(subscription: AlertSubscription) -> AlertSubscription:
    kept = {key: rules for key, rules in (subscription.filter or {}).items() if key not in _PLACE}
    return replace(subscription, filter=kept)


def listeners(
    subscriptions: Iterable[AlertSubscription],
    group: str,
    kind: PageKind,
    channel: str,
    team: str,
    assignees: tuple[str, ...] = (),
) -> tuple[AlertSubscription, ...]:
    """Who gets a page of that kind to that group about a case of that channel, which these users have."""
    carried: dict[str, Value] = dict(attributes(group, kind, channel, team))
    if assignees:
        carried["assignee"] = assignees
    return tuple(subscription for subscription in subscriptions if subscription.hears(carried))


def attributes(group: str, kind: PageKind, channel: str, team: str) -> Mapping[str, str]:
    """What such a page carries, by the very function that real pages get theirs from."""
    step = int(kind is PageKind.BREACH)
    page = case_alert.CaseAlert(
        due=Due(kind=kind, clock_id="frt:anything", generation=0, step=step, group=group),
        case_id="anything",
        platform=channel.partition(".")[0],
        state=CaseState(channel=channel),
        clock=None,
        policy=None,
        now=datetime.min.replace(tzinfo=UTC),
        base_url="",
    )
    return {**case_alert.attributes(page), "team": team}


# --- filters ----------------------------------------------------------------------------------------------------


def accepts(policy: Filter, attributes: Mapping[str, Value]) -> bool:
    """
    Whether a filter policy of scope MessageAttributes lets a message through.

    Every key must match, by any of its rules. An operator that is not known
    here matches nothing: silence is the safe mistake.
    """
    return all(_meets(key, rules, attributes) for key, rules in policy.items())


def _meets(key: str, rules: Iterable[Any], attributes: Mapping[str, Value]) -> bool:
    if key == "$or":
        return any(accepts(alternative, attributes) for alternative in rules)
    return any(_admits(rule, attributes.get(key)) for rule in rules)


def _admits(rule: Any, value: Value | None) -> bool:
    if isinstance(value, tuple):
        # Of what a list must not hold, AWS's words leave open whether one value may: silence is the safe mistake.
        together = all if isinstance(rule, Mapping) and "anything-but" in rule else any
        return together(_admits(rule, one) for one in value)
    if not isinstance(rule, Mapping):
        return value is not None and _same(rule, value)
    return len(rule) == 1 and all(_operate(name, wanted, value) for name, wanted in rule.items())


def _operate(name: str, wanted: Any, value: str | float | None) -> bool:
    if name == "exists":
        return bool((value is not None) == wanted)
    match = _OPERATORS.get(name)
    return False if match is None or value is None else match(wanted, value)


def _same(wanted: Any, value: str | float) -> bool:
    """A number is no text: "5" and 5 never match."""
    return isinstance(wanted, str) == isinstance(value, str) and bool(wanted == value)


def _anything_but(wanted: Any, value: str | float) -> bool:
    refused = wanted if isinstance(wanted, list) else [wanted]
    return not any(_admits(rule, value) for rule in refused)


def _numeric(wanted: list[Any], value: str | float) -> bool:
    """`wanted` is [comparison, number, ...], all of which must hold."""
    if isinstance(value, str):
        return False
    return all(_COMPARISONS[how](value, number) for how, number in zip(wanted[::2], wanted[1::2], strict=True))


_OPERATORS: Final[Mapping[str, Callable[[Any, str | float], bool]]] = {
    "anything-but": _anything_but,
    "equals-ignore-case": lambda wanted, value: str(value).casefold() == wanted.casefold(),
    "numeric": _numeric,
    "prefix": lambda wanted, value: isinstance(value, str) and value.startswith(wanted),
    "suffix": lambda wanted, value: isinstance(value, str) and value.endswith(wanted),
}
