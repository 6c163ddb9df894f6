"""What a story is made of: webhooks that arrive and agents who act, each at an instant of the day."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from infra.demo import facebook, x
from infra.demo.airline import AIRLINE_ON_FACEBOOK, AIRLINE_ON_X, FACEBOOK, InventedPerson, X

BRAND = (AIRLINE_ON_X, AIRLINE_ON_FACEBOOK)


class SignedWith(StrEnum):
    """How a webhook is signed."""

    TRUE = "true"
    FORGED = "forged"
    NONE = "none"


class Told(StrEnum):
    """What a line on the screen is about."""

    WROTE = "wrote"  # a customer
    ANSWERED = "answered"  # the airline, in the platform's own app
    CHANGED = "changed"  # a customer edited or deleted
    AGAIN = "again"  # we know it already
    NOTHING = "nothing"  # no fact: a like, a repost, a receipt
    TROUBLE = "trouble"  # refused, or not to be read
    ACTED = "acted"  # an agent, in Earshot
    TAKEN = "taken"  # whoever was paged opens the link, and says that they are on it
    LAPSED = "lapsed"  # they were, and the customer still waits


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptLine:
    """One line on the screen."""

    about: Told
    who: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A webhook. `at` is when it reaches us."""

    at: datetime
    channel: str
    body: bytes
    line: ScriptLine
    seal: SignedWith = SignedWith.TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAct:
    """An agent acts through Earshot's API on the case of a message; `action` is the request's body."""

    at: datetime
    channel: str
    message_id: str
    action: Mapping[str, Any]
    line: ScriptLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """
    Somebody in `group` opens the link of the newest page about `author`; one who `presses` says that they are on it.

    `title` is the heading that they must find.
    """

    at: datetime
    group: str
    author: str
    title: str
    line: ScriptLine
    presses: bool = False


Moment = Delivery | AgentAct | Visit


# --- on X ------------------------------------------------------------------------------------------------------------


def wrote(post: x.XPost, *envelopes: bytes) -> tuple[Delivery, ...]:
    """A post, once in each envelope in which X tells of it: every second another, and one mention all the same."""
    to = f"@{post.below.by.handle}" if post.below else "everybody"
    return _several(post.at, X, _line_of(post.by, f"@{post.by.handle}", to, post.text), *envelopes)


def answered_on_x(post: x.XPost, text: str, at: datetime) -> tuple[Delivery, ...]:
    """Somebody of the airline answered in the app of X: Earshot hears the echo."""
    answer = x.XPost(at=at, by=AIRLINE_ON_X, text=text, below=post)
    return wrote(answer, x.account_activity(answer))


def changed_on_x(post: x.XPost, what: str) -> tuple[Delivery, ...]:
    """An author edited a post."""
    line = ScriptLine(about=Told.CHANGED, who=f"@{post.by.handle}", text=what)
    return (Delivery(at=post.at, channel=X, body=x.account_activity(post), line=line),)


def messaged_on_x(message: x.DirectMessage) -> tuple[Delivery, ...]:
    """A direct message from a customer."""
    line = ScriptLine(about=Told.WROTE, who=f"@{message.by.handle}, in private", text=message.text)
    return (Delivery(at=message.at, channel=X, body=x.messaged(message), line=line),)


# --- on Facebook -----------------------------------------------------------------------------------------------------


def commented(comment: facebook.Comment) -> tuple[Delivery, ...]:
    """A person or the Page wrote below something."""
    to = comment.below.by if comment.below else comment.on.by
    line = _line_of(comment.by, comment.by.name, to.name, comment.text)
    return (Delivery(at=comment.at, channel=FACEBOOK, body=facebook.commented(comment), line=line),)


def answered_comment(comment: facebook.Comment, text: str, at: datetime) -> tuple[Delivery, ...]:
    """The Page answered in Facebook's own app."""
    return commented(facebook.Comment(at=at, by=AIRLINE_ON_FACEBOOK, text=text, on=comment.on, below=comment))


def removed(comment: facebook.Comment, at: datetime, what: str) -> tuple[Delivery, ...]:
    """Its author deleted it."""
    line = ScriptLine(about=Told.CHANGED, who=comment.by.name, text=what)
    return (Delivery(at=at, channel=FACEBOOK, body=facebook.comment_removed(comment, at), line=line),)


def posted(post: facebook.PagePost) -> tuple[Delivery, ...]:
    """A visitor wrote on the Page."""
    line = ScriptLine(about=Told.WROTE, who=post.by.name, text=post.text)
    return (Delivery(at=post.at, channel=FACEBOOK, body=facebook.posted(post), line=line),)


def rated(rating: facebook.Rating) -> tuple[Delivery, ...]:
    """A person gave stars."""
    line = ScriptLine(about=Told.WROTE, who=f"{rating.by.name}, {rating.stars} stars", text=rating.text)
    return (Delivery(at=rating.at, channel=FACEBOOK, body=facebook.rated(rating), line=line),)


def answered_rating(rating: facebook.Rating, text: str, at: datetime) -> tuple[Delivery, ...]:
    """The Page answered below a rating."""
    line = ScriptLine(about=Told.ANSWERED, who=_to(rating.by.name), text=text)
    return (Delivery(at=at, channel=FACEBOOK, body=facebook.answered_rating(rating, text, at), line=line),)


def messaged(message: facebook.MessengerMessage) -> tuple[Delivery, ...]:
    """A private message, from either side."""
    line = _line_of(message.by, f"{message.by.name}, in private", f"{message.to.name}, in private", message.text)
    return (Delivery(at=message.at, channel=FACEBOOK, body=facebook.messaged(message), line=line),)


def answered_message(message: facebook.MessengerMessage, text: str, at: datetime) -> tuple[Delivery, ...]:
    """The Page answered from its Messenger inbox."""
    return messaged(facebook.MessengerMessage(at=at, by=message.to, to=message.by, text=text))


# --- on either -------------------------------------------------------------------------------------------------------


def told(at: datetime, channel: str, body: bytes, who: str, text: str, about: Told) -> tuple[Delivery, ...]:
    """Anything else."""
    return (Delivery(at=at, channel=channel, body=body, line=ScriptLine(about=about, who=who, text=text)),)


def again(earlier: Delivery, at: datetime) -> tuple[Delivery, ...]:
    """The platform delivers the same bytes once more."""
    return (replace(earlier, at=at, line=_again(earlier.line, "delivered a second time")),)


def sealed(deliveries: tuple[Delivery, ...], seal: SignedWith, what: str) -> tuple[Delivery, ...]:
    """The same, but not from the platform."""
    line = ScriptLine(about=Told.TROUBLE, who="somebody", text=what)
    return tuple(replace(delivery, seal=seal, line=line) for delivery in deliveries)


def _several(at: datetime, channel: str, line: ScriptLine, *bodies: bytes) -> tuple[Delivery, ...]:
    heard = [line, *(_again(line, "the same post, under another name") for _ in bodies[1:])]
    return tuple(
        Delivery(at=at + timedelta(seconds=i), channel=channel, body=body, line=each)
        for i, (body, each) in enumerate(zip(bodies, heard, strict=True))
    )


def _again(line: ScriptLine, text: str) -> ScriptLine:
    return ScriptLine(about=Told.AGAIN, who=line.who, text=text)


def _line_of(by: InventedPerson, who: str, to: str, text: str) -> ScriptLine:
    """Of a customer it matters who wrote, of the airline to whom."""
    if by in BRAND:
        return ScriptLine(about=Told.ANSWERED, who=_to(to), text=text)
    return ScriptLine(about=Told.WROTE, who=who, text=text)


def _to(whom: str) -> str:
    return f"Larkspur to {whom}"
