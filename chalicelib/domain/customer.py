"""
What is known of a customer: a platform's account and what people have recorded about it.

A profile changes by one `RecordChange` at a time, each with who, when and what; it
is what its changes make of it.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

MOST_TAGS: Final = 20
MOST_PROMISES: Final = 20


class ChangeKind(StrEnum):
    """What can be recorded about a customer."""

    TIER = "tier"
    TAG = "tag"
    UNTAG = "untag"
    CONSENT = "consent"  # they may be called; `how` says how that was given
    CONSENT_WITHDRAWN = "consent_withdrawn"
    PROMISE = "promise"  # somebody gave them our word
    KEPT = "kept"
    BROKEN = "broken"


class NotPossible(ValueError):
    """The profile does not admit the change as it is; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """Whether they may be called, on whose word and how they said so."""

    is_given: bool
    by: str
    at: datetime
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenWord:
    """Something they were promised by `due_on`, a date of the calendar (ISO 8601). `case_id` is where."""

    id: str
    text: str
    due_on: str
    by: str
    at: datetime
    case_id: str

    def is_late(self, today: date) -> bool:
        return date.fromisoformat(self.due_on) < today


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """
    As it stands. `version` counts its changes, 0 when there is none.

    `promises` are those nobody has marked as kept or broken yet.
    """

    tier: str | None = None
    tags: tuple[str, ...] = ()
    consent: Consent | None = None
    promises: tuple[GivenWord, ...] = ()
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """
    One entry of the record.

    `value` is a tier (None for none), a tag, how consent was given, what was
    promised, or the id of a promise. `case_id` is where it was recorded.
    `id` makes a repeat the same change; `request` tells a repeat from another
    change under that id. `made` is the version that came of it.
    """

    kind: ChangeKind
    value: str | None
    id: str
    by: str
    at: datetime
    case_id: str
    request: str
    due_on: str | None = None
    made: int = 0


def changed(profile: Profile, change: RecordChange) -> Profile:
    """The profile after the change. Raises NotPossible."""
    return replace(_HANDLERS[change.kind](profile, change), version=profile.version + 1)


def _tier(profile: Profile, change: RecordChange) -> Profile:
    return replace(profile, tier=change.value)


def _tag(profile: Profile, change: RecordChange) -> Profile:
    tags = tuple(sorted({*profile.tags, change.value or ""}))
    if len(tags) > MOST_TAGS:
        raise NotPossible(f"A customer has {MOST_TAGS} tags at most: take one away first.")
    return replace(profile, tags=tags)


def _untag(profile: Profile, change: RecordChange) -> Profile:
    return replace(profile, tags=tuple(tag for tag in profile.tags if tag != change.value))


def _consent(profile: Profile, change: RecordChange) -> Profile:
    is_given = change.kind is ChangeKind.CONSENT
    return replace(profile, consent=Consent(is_given=is_given, by=change.by, at=change.at, how=change.value or ""))


def _promise(profile: Profile, change: RecordChange) -> Profile:
    if len(profile.promises) >= MOST_PROMISES:
        raise NotPossible(f"{MOST_PROMISES} promises to this customer are open: mark some as kept or broken first.")
    given = GivenWord(
        id=change.id,
        text=change.value or "",
        due_on=change.due_on or "",
        by=change.by,
        at=change.at,
        case_id=change.case_id,
    )
    return replace(profile, promises=(*profile.promises, given))


def _settled(profile: Profile, change: RecordChange) -> Profile:
    left = tuple(given for given in profile.promises if given.id != change.value)
    if left == profile.promises:
        raise NotPossible("No open promise has that id: it may have been marked already.")
    return replace(profile, promises=left)


_HANDLERS: Final = {
    ChangeKind.TIER: _tier,
    ChangeKind.TAG: _tag,
    ChangeKind.UNTAG: _untag,
    ChangeKind.CONSENT: _consent,
    ChangeKind.CONSENT_WITHDRAWN: _consent,
    ChangeKind.PROMISE: _promise,
    ChangeKind.KEPT: _settled,
    ChangeKind.BROKEN: _settled,
}
