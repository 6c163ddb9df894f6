"""
A page in the forms of other people's tools: PagerDuty and chat.

PagerDuty takes events (Events API v2, developer.pagerduty.com/docs/events-api-v2): an incident
opens with a broken promise and is resolved once nobody waits. Chat is Amazon Q Developer's custom notification
(docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html): all that is told, with a thread
for each case.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from chalicelib.domain.visible import one_line, quoted

Page = Mapping[str, Any]  # docs/pages.md

PAGE: Final = "earshot.page/1"
DIGEST: Final = "earshot.digest/1"
INCIDENT: Final = "earshot.incident/1"
TEST: Final = "earshot.test/1"
FORWARDED: Final = frozenset({PAGE, DIGEST, INCIDENT, TEST})

MOST_DEDUP_CHARS: Final = 255
MOST_SUMMARY_CHARS: Final = 1024
MOST_TITLE_CHARS: Final = 250
MOST_QUOTED_CHARS: Final = 1000  # escaped five times as long, and a description holds 8,000
MOST_NAME_CHARS: Final = 80

_ACTION: Final = {
    "breach": "trigger",
    "notice": "resolve",
    "crisis": "trigger",
    "crisis_growth": "trigger",
    "crisis_over": "resolve",
    "test": "trigger",
}
_SEVERITY: Final = {"critical": "critical", "warning": "warning", "info": "info"}
_SAID: Final = {
    "warning": "A promise breaks soon",
    "breach": "A promise is broken",
    "window": "A reply window closes soon",
    "notice": "It is over",
    "crisis": "Crisis",
    "crisis_growth": "Crisis, ten times as many",
    "crisis_over": "Crisis over",
    "test": "TEST, nobody waits",
}
_METRIC: Final = {"frt": "first reply", "nrt": "next reply", "res": "resolution"}
_DETAILS: Final = (
    *("case_id", "platform", "channel", "priority", "assignee", "policy", "metric", "due_at", "breach_at"),
    *("waiting_since", "ended", "author", "followers", "text", "count", "step"),
    *("incident_id", "title", "people", "reach", "points", "status"),
)
_BY_STRANGERS: Final = frozenset({"author", "text"})
# Slack's markup cannot be escaped with a backslash: what would start it becomes a character that looks like it.
_UNMARKED: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "*": "\N{ASTERISK OPERATOR}",
        "_": "\N{MODIFIER LETTER LOW MACRON}",
        "~": "\N{TILDE OPERATOR}",
        "`": "\N{MODIFIER LETTER GRAVE ACCENT}",
        "[": "\N{FULLWIDTH LEFT SQUARE BRACKET}",
        "]": "\N{FULLWIDTH RIGHT SQUARE BRACKET}",
    }
)


# --- PagerDuty --------------------------------------------------------------------------------------------------


def pagerduty(page: Page, routing_key: str) -> Mapping[str, Any] | None:
    """The body of an event; None for what wakes nobody, such as a warning."""
    action = _ACTION.get(page["kind"])
    if action is None:
        return None
    return {
        "routing_key": routing_key,
        "event_action": action,
        "dedup_key": dedup_key(page),
        "payload": _payload(page),
        "client": "Earshot",
        "links": [{"href": url, "text": text} for url, text in _links(page)],
    }


def dedup_key(page: Page) -> str:
    """
    The same for all steps of a clock's ladder and for its end.

    Without the case: a case may join another before its clock ends.
    """
    key: str = page.get("root") or page["id"]
    if page["schema"] == PAGE:
        key = key.rsplit("/", 3)[0]  # the id goes on with kind, step and group
    return key if len(key) <= MOST_DEDUP_CHARS else hashlib.sha256(key.encode()).hexdigest()


def _payload(page: Page) -> Mapping[str, Any]:
    details = {name: _detail(page, name) for name in _DETAILS if page.get(name) is not None}
    plain = {
        "summary": one_line(_summary(page), MOST_SUMMARY_CHARS),
        "source": page.get("channel") or "earshot",
        "severity": _SEVERITY.get(page.get("severity", ""), "info"),
        "timestamp": page["at"],
        "component": page.get("platform"),
        "group": page["group"],
        "class": page.get("metric"),
        "custom_details": details,
    }
    return {name: value for name, value in plain.items() if value is not None}


def _detail(page: Page, name: str) -> Any:
    return quoted(page[name], MOST_QUOTED_CHARS) if name in _BY_STRANGERS else page[name]


def _summary(page: Page) -> str:
    author = page.get("author")
    return f"{_headline(page)}: {quoted(author, MOST_NAME_CHARS)}" if author else _headline(page)


# --- chat -------------------------------------------------------------------------------------------------------


def chat(page: Page) -> Mapping[str, Any]:
    """A custom notification."""
    title = one_line(unmarked(_headline(page)), MOST_TITLE_CHARS)
    return {
        "version": "1.0",
        "source": "custom",
        "id": page["id"],
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": "\n".join(_description(page)) or title,
            "nextSteps": [f"{text}: {url}" for url, text in _links(page)],
        },
        "metadata": {"threadId": page.get("case_id") or dedup_key(page), "summary": title, "eventType": page["kind"]},
    }


def unmarked(text: str) -> str:
    """A stranger's words so that chat shows them as they are: no markup, no links with a text, no call to everybody."""
    return text.translate(_UNMARKED)


def _description(page: Page) -> Iterator[str]:
    yield f"For {unmarked(page['group'])}."
    if page.get("author"):
        yield f"Customer: {unmarked(quoted(page['author'], MOST_NAME_CHARS))}"
    if page.get("waiting_since"):
        yield f"Waiting since {page['waiting_since']}"
    if page.get("text"):
        yield f"They wrote (a stranger's words): {unmarked(quoted(page['text'], MOST_QUOTED_CHARS))}"


# --- both -------------------------------------------------------------------------------------------------------


def _headline(page: Page) -> str:
    said = _SAID[page["kind"]]
    if page["schema"] == DIGEST:
        return f"{said}: {page['count']} promises"
    if page["schema"] == INCIDENT:
        return f"{said}: {page['people']} people. {one_line(page['title'], MOST_NAME_CHARS)}"
    about = _METRIC.get(page.get("metric") or "")
    return f"{said}: {about} on {page['channel']}" if about else said


def _links(page: Page) -> Iterator[tuple[str, str]]:
    if page.get("url"):
        yield page["url"], {PAGE: "The case", INCIDENT: "The incident"}.get(page["schema"], "All cases")
    if page.get("ack_url"):
        yield page["ack_url"], "I am on it"
