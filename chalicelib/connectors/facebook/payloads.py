"""
The parts of Page webhooks that are read, as models that forgive.

Meta adds members without notice and changes types between products: unknown
members are ignored, and a leaf of a wrong type counts as absent. Only a wrong
structure (text where an object belongs) fails, since then something would be lost: what
hangs on a message is not worth losing the message for.

Source: developers.facebook.com/docs/graph-api/webhooks/reference/page, read 2026-11-23.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from chalicelib.connectors._kit.values import read_id, read_text, read_time


def _flag(value: object) -> bool:
    return value in (True, "true")


def _members(value: object) -> object:
    return value if isinstance(value, dict) else {}


def _attachments(value: object) -> list[object]:
    """One for each, also for those of a form that we do not know: that something was attached is known."""
    return [_members(item) for item in value] if isinstance(value, list) else []


def _ids(value: object) -> list[str]:
    return [found for item in value if (found := read_id(item))] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [text for item in value if (text := read_text(item))] if isinstance(value, list) else []


Id = Annotated[str | None, BeforeValidator(read_id)]
Text = Annotated[str | None, BeforeValidator(read_text)]
Time = Annotated[datetime | None, BeforeValidator(read_time)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Texts = Annotated[list[str], BeforeValidator(_texts)]
Ids = Annotated[list[str], BeforeValidator(_ids)]


class Person(BaseModel):
    """A person or Page: `from` of a comment, `sender` and `recipient` of a message."""

    id: Id = None
    name: Text = None


class Post(BaseModel):
    """The post below which a comment stands, in newer feed deliveries."""

    permalink_url: Text = None


class FeedValue(BaseModel):
    """`changes[].value` of the fields feed, mention and ratings. Many samples lack half of it."""

    item: Text = None
    verb: Text = None
    post_id: Id = None
    comment_id: Id = None
    parent_id: Id = None
    open_graph_story_id: Id = None
    author: Person | None = Field(default=None, alias="from")
    sender_id: Id = None  # older shape of `from`
    sender_name: Text = None
    reviewer_id: Id = None
    reviewer_name: Text = None
    message: Text = None
    review_text: Text = None
    rating: Id = None
    created_time: Time = None
    post: Post | None = None
    photo: Text = None
    video: Text = None
    link: Text = None
    photos: Texts = []


class Payload(BaseModel):
    """`attachments[].payload`; a location has coordinates instead of a URL, and a shared link may have any text."""

    url: Text = None
    title: Text = None
    sticker_id: Id = None


class Attachment(BaseModel):
    """One attachment of a Messenger message. A shared link has its address and title beside the payload, or in it."""

    type: Text = None
    url: Text = None
    title: Text = None
    payload: Annotated[Payload, BeforeValidator(_members)] = Payload()


class ReplyTo(BaseModel):
    """What a message answers: another message, or a story, which has no `mid`."""

    mid: Id = None


class Postback(BaseModel):
    """`messaging[].postback`: a button of a menu or a message. `title` is what the person saw on it."""

    mid: Id = None
    title: Text = None
    payload: Text = None


class Message(BaseModel):
    """`messaging[].message`, and `message_edit`, which has `num_edit` and no attachments."""

    mid: Id = None
    text: Text = None
    attachments: Annotated[list[Attachment], BeforeValidator(_attachments)] = []
    reply_to: ReplyTo | None = None
    is_echo: Flag = False
    is_deleted: Flag = False
    app_id: Id = None
    num_edit: Id = None


class Enforcement(BaseModel):
    """`messaging[].policy_enforcement`."""

    action: Text = None


class Messaging(BaseModel):
    """What every item of `messaging` and `standby` has; its kind is told by the name of one more member."""

    sender: Person | None = None
    recipient: Person | None = None
    timestamp: Time = None


class Change(BaseModel):
    """One change. `value` stays raw until the field is known to be ours."""

    field: Text = None
    value: Any = None


class Permission(BaseModel):
    """`changes[].value` of the objects permissions and user; `target_ids` are the Pages it holds for."""

    verb: Text = None
    target_ids: Ids = []


class Entry(BaseModel):
    """
    What happened to one Page (or, for permissions, one user) in one delivery.

    The lists stay raw: each of their items is read by itself.
    """

    id: Id = None
    time: Time = None
    changes: Any = None
    changed_fields: Texts = []
    messaging: Any = None
    standby: Any = None


class Posted(BaseModel):
    """A comment or message as the API lists it. Without an id and a time it proves nothing, so both are demanded."""

    id: Annotated[str, BeforeValidator(read_id)]
    created_time: Annotated[datetime, BeforeValidator(read_time)]
    message: Text = None
    author: Person | None = Field(default=None, alias="from")


class Paging(BaseModel):
    """`next` is there when the list goes on."""

    next: Text = None


class Listing(BaseModel):
    """A page of comments, or of one conversation's messages."""

    data: list[Posted]
    paging: Paging | None = None


class Conversation(BaseModel):
    """A Messenger conversation with its newest messages."""

    messages: Listing


class Conversations(BaseModel):
    """The conversations with one person: one or none."""

    data: list[Conversation]
