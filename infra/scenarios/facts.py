"""The facts that a connector would have made of what a scenario's people write."""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.domain.labels import UNLABELLED, Label, Urgency
from chalicelib.ports.cases import Labelled
from infra.scenarios.model import Happening

BRAND = "900"
_KINDS = {
    "message": FactKind.MENTION,
    "native reply": FactKind.ANSWER,
    "automatic reply": FactKind.ANSWER,
    "edit": FactKind.EDIT,
    "delete": FactKind.DELETE,
}


def platform_of(channel: str) -> str:
    """ "x.main" is on "x"."""
    return channel.partition(".")[0]


def labelled(line: Happening, channel: str, received_at: datetime, parent_id: str | None = None) -> Labelled:
    """
    What arrives at casework when `line` happens. `parent_id` is what it answers.

    Raises KeyError for a line that no platform tells of.
    """
    fact = Fact(
        kind=_KINDS[line.verb],
        platform=platform_of(channel),
        channel=channel,
        account_id=BRAND,
        message_id=line.values["of" if line.verb in ("edit", "delete") else "id"],
        occurred_at=line.at,
        received_at=received_at,
    )
    if line.verb == "edit":
        return Labelled(fact=replace(fact, text=line["text"], version=1))
    if line.verb == "delete":
        return Labelled(fact=fact)
    return _mention(fact, line) if line.verb == "message" else Labelled(fact=_answer(fact, line, parent_id))


def thread_of(line: Happening) -> str:
    """A customer has one public thread and one private conversation, unless the file says otherwise."""
    return line["thread"] or (f"{line['who']}-{BRAND}" if line["private"] else f"thread-of-{line['who']}")


def _mention(fact: Fact, line: Happening) -> Labelled:
    author = Author(id=line["who"], handle=line["who"], followers=line["followers"])
    fact = replace(
        fact,
        author=author,
        thread_id=thread_of(line),
        private=line["private"],
        text=line["text"] or f"words of {fact.message_id}",
        lang=line["language"],
    )
    urgency: Label[Urgency] = Label(Urgency(line["urgency"]), 1.0, ())
    return Labelled(fact=fact, labels=replace(UNLABELLED, urgency=urgency))


def _answer(fact: Fact, line: Happening, parent_id: str | None) -> Fact:
    return replace(
        fact,
        author=Author(id=BRAND),
        thread_id=thread_of(line),
        private=line["private"],
        parent_id=None if line["private"] else parent_id,
        customer_id=line["who"],
        text=line["text"] or f"words of {fact.message_id}",
        by_person=line.verb != "automatic reply",
    )
