"""
One message to people, and how it is written in every form that a subscriber may read.

Limits: docs.aws.amazon.com/sns/latest/api/API_Publish.html (subject) and
`gsm7` (text message), read 2026-11-23.
"""

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from chalicelib.domain.alerts import gsm7
from chalicelib.domain.folding import normalized
from chalicelib.domain.visible import as_said, one_line, quoted, unclosed, unlinked

MOST_SMS_SEPTETS: Final = 140
MOST_SUBJECT_CHARS: Final = 99
MOST_NAME_CHARS: Final = 60
MOST_QUOTED_CHARS: Final = 200
_LEAST_NAME_SEPTETS: Final = 8  # a name that is cut shorter says nothing
_WIDTH: Final = 78


@dataclass(frozen=True, slots=True)
class Said:
    """
    A part of a sentence that gives way when there is no room.

    A stranger's words, which are put in quotes; or, with `is_ours`, a title
    that quotes by itself.
    """

    text: str
    is_ours: bool = False


Words = Sequence[str | Said]
"""A sentence. At most one of its parts is Said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """
    What is to be told.

    `sms` holds what a text message may say, from the fullest wording to the
    shortest; `link` follows it. `sections` are the paragraphs of the mail,
    and `id` its last line. `body` is for machines.
    """

    subject: Words
    sms: Sequence[Words]
    sections: Sequence[str]
    body: Mapping[str, Any]
    attributes: Mapping[str, str]
    link: str | None = None
    id: str | None = None
    assignees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMessage:
    """
    One message in every form.

    `sms` is GSM-7, at most 140 septets unless its link alone takes more;
    `subject` is ASCII below 100 characters; `body` is JSON text with a stable
    schema. `attributes` are for filter policies and never empty strings; so
    is, under the name `assignee`, each of the users who have the cases it is about.
    """

    subject: str
    text: str
    sms: str
    body: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    assignees: tuple[str, ...] = ()


def written(alert: Alert) -> AlertMessage:
    """The alert in all its forms."""
    ending = f"\n\nMessage {alert.id}\n" if alert.id else "\n"
    return AlertMessage(
        subject=_subject(alert.subject),
        text="\n\n".join(section for section in alert.sections if section) + ending,
        sms=_sms(alert.sms, alert.link),
        body=json.dumps(alert.body, ensure_ascii=False, separators=(",", ":")),
        attributes=alert.attributes,
        assignees=alert.assignees,
    )


# --- for phones -------------------------------------------------------------------------------------------------


def _sms(wordings: Sequence[Words], link: str | None) -> str:
    """
    The fullest wording for which there is room before the link.

    The link is never cut: half of it leads nowhere. One that leaves no room
    for any wording stands alone, in as many parts as it takes.
    """
    room = MOST_SMS_SEPTETS - (gsm7.measure(f" {link}").units if link else 0)
    for words in wordings:
        fixed = gsm7.fold("".join(part for part in words if isinstance(part, str)))
        free = room - gsm7.measure(fixed).units
        least = [min(_LEAST_NAME_SEPTETS, gsm7.measure(_plain(part)).units) for part in words if isinstance(part, Said)]
        if free >= sum(least):
            text = "".join(_plain(part) if isinstance(part, str) else _cut(_plain(part), free) for part in words)
            return f"{text} {link}" if link else text
    return link or gsm7.cut("".join(_plain(part) for part in wordings[-1]), room)


def _plain(part: str | Said) -> str:
    """In GSM-7. What a character is folded into may be a dot or a quotation mark: folded first, made harmless then."""
    if isinstance(part, str):
        return gsm7.fold(part)
    folded = unlinked(gsm7.fold(one_line(part.text, MOST_NAME_CHARS)))
    return folded if part.is_ours else f'"{unclosed(folded)}"'


def _cut(text: str, septets: int) -> str:
    """The beginning of what gives way; a quotation that was open there is closed."""
    kept = gsm7.cut(text, septets)
    return kept if kept.count('"') % 2 == 0 else gsm7.cut(text.rstrip('"'), septets - 1) + '"'


# --- for mail ---------------------------------------------------------------------------------------------------


def _subject(words: Words) -> str:
    """One line of ASCII, since older subscribers get no other; what gives way is cut, with its quotes closed."""
    fixed = sum(len(_ascii(part)) for part in words if isinstance(part, str))
    room = max(_LEAST_NAME_SEPTETS, MOST_SUBJECT_CHARS - fixed)
    line = "".join(_ascii(part) if isinstance(part, str) else _cut(_ascii(part), room) for part in words)
    return line if len(line) <= MOST_SUBJECT_CHARS else line[: MOST_SUBJECT_CHARS - 2].rstrip() + ".."


def _ascii(part: str | Said) -> str:
    return normalized("NFKD", _plain(part)).encode("ascii", "ignore").decode().replace("\n", " ")


def sentence(words: Words) -> str:
    """The words as a mail says them."""
    return "".join(part if isinstance(part, str) else _in_mail(part) for part in words)


def _in_mail(part: Said) -> str:
    return part.text if part.is_ours else quoted(part.text, MOST_NAME_CHARS)


def particulars(lines: Iterable[tuple[str, str]]) -> str:
    """Names and values below one another."""
    return "\n".join(f"{name + ':':<13}{value}" for name, value in lines)


def quotation(text: str) -> str:
    """What a stranger wrote, each line of it marked."""
    lines = textwrap.wrap(quoted(text, MOST_QUOTED_CHARS), _WIDTH - 2)
    heading = "The customer wrote (a stranger's words: follow no instruction or link in them):"
    return "\n".join([heading, *(f"> {line}" for line in lines)])


# --- for machines -----------------------------------------------------------------------------------------------


def name_as_data(text: str) -> str | None:
    """A stranger's name as the value of a key; None when there is nothing to see of it."""
    return as_said(text, MOST_NAME_CHARS) or None


def iso(moment: datetime | None) -> str | None:
    """The instant in UTC to the second, such as "2026-03-07T12:00:00Z"."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def attributes(*, kind: str, severity: str, group: str, page_id: str | None = None, **more: str) -> Mapping[str, str]:
    """
    What subscriptions filter by; `more` are team, platform and channel.

    None is ever empty: a message without the attribute would match no filter.
    Subscribers drop repeats by `page_id`.
    """
    known = {"kind": kind, "severity": severity, "group": group, **more}
    return {name: value or "unknown" for name, value in known.items()} | ({"page_id": page_id} if page_id else {})
