"""What the people who run Earshot are told: it was not well itself, or a channel can no longer hear or answer."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from chalicelib.domain.alerts import message
from chalicelib.domain.alerts.case_alert import CaseAlert
from chalicelib.domain.alerts.message import Alert, Said, iso
from chalicelib.domain.facts import ChannelTrouble, TroubleKind
from chalicelib.domain.in_words import full
from chalicelib.domain.visible import as_said, quoted

SCHEMA: Final = "earshot.operations/1"  # docs/pages.md
CHANNEL_SCHEMA: Final = "earshot.channel/1"
GROUP: Final = "operations"

_FAULTS: Final = {
    "no_open_time": "the calendar does not open within a year",
    "unknown_policy": "the version of the policies is gone or cannot be read",
}
_MOST_CASES_NAMED: Final = 20
_MOST_ID_CHARS: Final = 60
_PLAIN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")  # such as can go into a command to be copied
_MOST_REASON_CHARS: Final = 300
_TROUBLES: Final[Mapping[TroubleKind, tuple[str, str]]] = {
    TroubleKind.ACCESS_REVOKED: ("access was revoked", "connect the account again, then set its tokens"),
    TroubleKind.MESSAGING_BLOCKED: ("the platform blocks our messages", "read its notice in the platform's settings"),
    TroubleKind.REPLAY_INCOMPLETE: ("a replay did not finish", "ask the platform for the same window again"),
}


# --- Earshot itself ---------------------------------------------------------------------------------------------


def sweeps_missed(count: int, now: datetime) -> Alert:
    """Nobody looked at what was due for so many minutes."""
    return _operations(
        f"{count} sweeps missed",
        f"For {count} minutes before {full(now, UTC)} nobody looked at what was due.\n"
        "Pages that were due in that time went out late, just now; warnings that came too late did not.",
        "What to do: look for errors and throttling of the function sla_watch, and whether its schedule is on.",
        body={"kind": "sweeps_missed", "count": count, "at": iso(now)},
    )


def page_undelivered(page: CaseAlert, page_id: str) -> Alert:
    """A step of the ladder could not be delivered. `page_id` is that of this message."""
    due = page.due
    return _operations(
        f"A page could not be delivered to {due.group}",
        f"Step {due.step} of the ladder, to {due.group}, could not be delivered in three sweeps.\n"
        f"It will not be tried again; the next step goes out now. The case: {page.url or page.case_id}",
        "What to do: look for errors of the alert service and for what subscribes to this group.",
        body={
            "kind": "page_undelivered",
            "page_id": due.page_id,
            "case_id": page.case_id,
            "group": due.group,
            "step": due.step,
            "at": iso(page.now),
        },
        page_id=page_id,
    )


def clocks_set_aside(reasons: Mapping[str, int], case_ids: Sequence[str], now: datetime) -> Alert:
    """Promises that nobody can reckon with any more, counted by reason."""
    count = sum(reasons.values())
    causes = "".join(f"\n- {number}: {_FAULTS.get(reason, reason)}" for reason, number in reasons.items())
    named = ", ".join(case_ids[:_MOST_CASES_NAMED]) + (", ..." if len(case_ids) > _MOST_CASES_NAMED else "")
    return _operations(
        f"{count} promises cannot be watched any more",
        f"Nobody can say when these {count} promises are due, and nobody will be paged for them:{causes}\n"
        f"The customers still wait. Cases: {named}",
        "What to do: answer them; then `earshot policy show` and `earshot policy apply` a document that opens again.\n"
        "Promises made from then on are watched. You will not hear of the same cause for an hour.",
        body={
            "kind": "clocks_set_aside",
            "count": count,
            "reasons": dict(reasons),
            "cases": list(case_ids[:_MOST_CASES_NAMED]),
            "at": iso(now),
        },
    )


def _operations(what: str, *sections: str, body: Mapping[str, Any], page_id: str | None = None) -> Alert:
    return Alert(
        subject=(f"[Earshot] {what}",),
        sms=((f"Earshot: {what}.",),),
        sections=sections,
        id=page_id,
        body={"schema": SCHEMA, **body},
        attributes=message.attributes(
            kind="operations", severity="critical", group=GROUP, platform="earshot", channel="earshot", page_id=page_id
        ),
    )


# --- a channel --------------------------------------------------------------------------------------------------


def channel_trouble(trouble: ChannelTrouble) -> Alert:
    """The platform says that a channel can no longer hear or answer."""
    what, to_do = _TROUBLES[trouble.kind]
    return _channel(
        f": {what}",
        f"Until it is mended, mentions or answers may be missing.\nNext step: {to_do}.",
        channel=trouble.channel,
        platform=trouble.platform,
        account_id=trouble.account_id,
        body={"kind": trouble.kind.value, "at": iso(trouble.received_at)},
    )


def not_authorised(*, platform: str, channel: str, account_id: str, reason: str, now: datetime) -> Alert:
    """Answers of an account wait for new keys. `reason` is the connector's, and may quote the platform."""
    account = account_id if _PLAIN_ID.fullmatch(account_id) else "ACCOUNT"
    command = f"earshot secrets set {channel} --use send --account {account} NAME..."
    return _channel(
        ": answers wait for new keys",
        f"Its answers do not go out: {quoted(reason, _MOST_REASON_CHARS)}",
        f"Next step: authorise the account anew on the platform and store its keys with\n\n    {command}",
        "Waiting answers then go out at once, in the order in which they were asked; after a day they are given up.",
        channel=channel,
        platform=platform,
        account_id=account_id,
        body={"kind": "not_authorised", "reason": as_said(reason, _MOST_REASON_CHARS), "at": iso(now)},
    )


def not_listening(
    *, platform: str, channel: str, account_id: str, reason: str, since: datetime, needs_keys: bool, now: datetime
) -> Alert:
    """An account cannot be asked for what is written to it. `reason` is the connector's, and may quote the platform."""
    account = account_id if _PLAIN_ID.fullmatch(account_id) else "ACCOUNT"
    command = (
        f"earshot secrets set {channel} --use send --account {account} NAME..." if needs_keys else "earshot doctor"
    )
    step = "authorise the account anew on the platform and store its keys with" if needs_keys else "look closer with"
    return _channel(
        ": nothing is heard",
        f"Since {full(since, UTC)} the platform does not tell what is written: {quoted(reason, _MOST_REASON_CHARS)}",
        f"Next step: {step}\n\n    {command}",
        "Once it answers again, what was written meanwhile is heard from where listening stopped, as far back as the "
        "platform shows it.",
        channel=channel,
        platform=platform,
        account_id=account_id or None,
        body={
            "kind": "not_listening",
            "reason": as_said(reason, _MOST_REASON_CHARS),
            "since": iso(since),
            "at": iso(now),
        },
    )


def _channel(
    what: str, *sections: str, channel: str, platform: str, account_id: str | None, body: Mapping[str, Any]
) -> Alert:
    account = as_said(account_id or "", _MOST_ID_CHARS)
    whose = (f"{channel} (account ", Said(account), ")") if account else (channel,)
    return Alert(
        subject=(f"[Earshot] {channel}{what}",),
        sms=(("Earshot: ", *whose, f"{what}. See mail or earshot doctor."), (f"Earshot: {channel}{what}.",)),
        sections=(message.sentence((*whose, f"{what}.")), *sections),
        body={
            "schema": CHANNEL_SCHEMA,
            "platform": platform,
            "channel": channel,
            "account_id": account or None,
            **body,
        },
        attributes=message.attributes(
            kind="channel", severity="critical", group=GROUP, platform=platform, channel=channel
        ),
    )
