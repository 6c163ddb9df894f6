"""What Meta would post to our webhook about the airline's Page: feed, ratings, Messenger."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.demo.airline import AIRLINE_ON_FACEBOOK as PAGE
from infra.demo.airline import InventedPerson

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePost:
    """Something the Page published before the morning began, or a visitor's post on it."""

    number: int
    at: datetime
    by: InventedPerson = PAGE
    text: str = ""

    @property
    def id(self) -> str:
        return f"{PAGE.id}_{self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment below a post or below another comment; `id` is given where Facebook has named it."""

    at: datetime
    by: InventedPerson
    text: str
    on: PagePost
    below: "Comment | None" = None
    given_id: str = ""

    @property
    def id(self) -> str:
        return self.given_id or f"{self.on.number}_{int(self.at.timestamp())}{self.by.id[-2:]}"

    @property
    def parent_id(self) -> str:
        return self.below.id if self.below else self.on.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Stars and a few words."""

    at: datetime
    by: InventedPerson
    stars: int
    text: str

    @property
    def id(self) -> str:
        return str(int(self.at.timestamp()))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerMessage:
    """A Messenger message between the Page and a person; `by` tells the direction."""

    at: datetime
    by: InventedPerson
    to: InventedPerson
    text: str

    @property
    def id(self) -> str:
        return f"m_{int(self.at.timestamp())}"


# --- feed ------------------------------------------------------------------------------------------------------------


def commented(comment: Comment) -> bytes:
    """A comment was added."""
    return _changes(comment.at, "feed", _comment(comment) | {"verb": "add", "message": comment.text})


def comment_removed(comment: Comment, at: datetime) -> bytes:
    """Meta does not say when; the delivery's own time is all there is."""
    value = {name: told for name, told in _comment(comment).items() if name != "created_time"}
    return _changes(at, "feed", value | {"verb": "remove"})


def posted(post: PagePost) -> bytes:
    """A visitor wrote on the Page."""
    value = {
        "from": _person(post.by),
        "item": "post",
        "verb": "add",
        "post_id": post.id,
        "created_time": int(post.at.timestamp()),
        "message": post.text,
        "post": {"permalink_url": f"https://www.facebook.com/{PAGE.id}/posts/{post.number}"},
    }
    return _changes(post.at, "feed", value)


def reacted(by: InventedPerson, post: PagePost, reaction: str, at: datetime) -> bytes:
    value = {
        "item": "reaction",
        "verb": "add",
        "reaction_type": reaction,
        "from": _person(by),
        "post_id": post.id,
        "created_time": int(at.timestamp()),
    }
    return _changes(at, "feed", value)


def _comment(comment: Comment) -> Json:
    return {
        "from": _person(comment.by),
        "item": "comment",
        "comment_id": comment.id,
        "post_id": comment.on.id,
        "parent_id": comment.parent_id,
        "created_time": int(comment.at.timestamp()),
    }


# --- ratings ---------------------------------------------------------------------------------------------------------


def rated(rating: Rating) -> bytes:
    value = {
        "item": "rating",
        "verb": "add",
        "open_graph_story_id": int(rating.id),  # a number on the wire
        "reviewer_id": int(rating.by.id),
        "reviewer_name": rating.by.name,
        "rating": rating.stars,
        "review_text": rating.text,
        "created_time": int(rating.at.timestamp()),
    }
    return _changes(rating.at, "ratings", value)


def answered_rating(rating: Rating, text: str, at: datetime) -> bytes:
    """The Page's comment below a rating."""
    value = {
        "item": "comment",
        "verb": "add",
        "comment_id": f"{rating.id}_{int(at.timestamp())}",
        "open_graph_story_id": int(rating.id),
        "parent_id": rating.id,
        "from": _person(PAGE),
        "message": text,
        "created_time": int(at.timestamp()),
    }
    return _changes(at, "ratings", value)


# --- Messenger -------------------------------------------------------------------------------------------------------


def messaged(message: MessengerMessage) -> bytes:
    """A message, or the echo of one that the Page sent from its inbox."""
    told: Json = {"mid": message.id, "text": message.text}
    if message.by is PAGE:
        told["is_echo"] = True
    millis = int(message.at.timestamp() * 1000)
    item = {"sender": {"id": message.by.id}, "recipient": {"id": message.to.id}, "timestamp": millis, "message": told}
    return _entry(message.at, {"messaging": [item]})


# --- shared ----------------------------------------------------------------------------------------------------------


def _person(person: InventedPerson) -> Json:
    return {"id": person.id, "name": person.name}


def _changes(at: datetime, field: str, *values: Json) -> bytes:
    return _entry(at, {"changes": [{"field": field, "value": value} for value in values]})


def _entry(at: datetime, content: Json) -> bytes:
    """Meta escapes everything beyond ASCII and signs the escapes."""
    return json.dumps({"object": "page", "entry": [{"id": PAGE.id, "time": int(at.timestamp()), **content}]}).encode()
