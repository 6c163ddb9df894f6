"""What can be done to a policy book in a scenario. Each gives a new one; books never change."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from chalicelib.domain.policy import Match, PolicyBook


def only(book: PolicyBook, policy_ids: Sequence[str]) -> PolicyBook:
    """Some policies in this order; the last of them takes every case that the others do not."""
    *first, last = [book.get(policy_id) for policy_id in policy_ids]
    return replace(book, policies=(*first, replace(last, match=Match())))


def with_targets(book: PolicyBook, policy_id: str, targets: dict[str, int]) -> PolicyBook:
    """The next version, with other targets in one policy. Raises UnknownPolicy."""
    edited = book.get(policy_id)
    changed = replace(edited, targets=replace(edited.targets, **targets))
    policies = tuple(changed if policy is edited else policy for policy in book.policies)
    return replace(book, version=book.version + 1, policies=policies)


def closed_on(book: PolicyBook, calendar_id: str, day: date) -> PolicyBook:
    """The next version, with one more closed day in a calendar. Raises LookupError."""
    calendars = {calendar.id: calendar for calendar in book.calendars}
    calendar = calendars[calendar_id]
    closed = replace(calendar, holidays=calendar.holidays | {day})
    policies = tuple(
        replace(policy, calendar=closed) if policy.calendar.id == calendar_id else policy for policy in book.policies
    )
    return replace(book, version=book.version + 1, policies=policies)
