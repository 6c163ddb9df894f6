"""
Direct messages and encrypted chats, and the facts they make.

Rules: https://docs.x.com/x-api/activity/event-payloads, read 2026-08-22.
"""

import re
from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from chalicelib.connectors._kit.items import Found
from chalicelib.connectors.x import payloads as p
from chalicelib.connectors.x import snowflake
from chalicelib.connectors.x.hearing import Hearing
from chalicelib.connectors.x.posts import author, medium
from chalicelib.connectors.x.text import unescaped
from chalicelib.domain.facts import Author, FactKind, Media
from chalicelib.ports.connector.parsing import Ignored


def read(raw: Mapping[str, object], people: object, hearing: Hearing) -> Iterator[Found]:
    """One element of `direct_message_events`; `people` is the map of users beside it. Raises ValidationError."""
    if raw.get("type", "message_create") != "message_create":
        yield Ignored(what="unknown_event", reason="A direct message event of a type that we do not know.")
        return
    message = p.DirectMessage.model_validate(raw)
    sender, recipient = message.message_create.sender_id, message.message_create.target.recipient_id
    if {sender, recipient} <= hearing.brand:
        yield _among_ourselves()
        return
    app_id = message.message_create.source_app_id
    content = message.message_create.message_data or p.MessageData()
    about = {
        "account_id": hearing.account_id or (sender if sender in hearing.brand else recipient),
        "message_id": message.id,
        "occurred_at": message.created_at or snowflake.created_at(message.id),
        "thread_id": conversation_id(sender, recipient),
        "author": _writer(sender, people),
        "text": unescaped(content.text),
        "media": _media(content.attachment),
        "private": True,
    }
    if sender in hearing.brand:
        by_person = app_id not in hearing.settings.bot_app_ids
        about |= {"customer_id": recipient, "via_app_id": app_id, "by_person": by_person}
    yield hearing.fact(kind=FactKind.ANSWER if sender in hearing.brand else FactKind.MENTION, **about)


def read_chat(raw: object, hearing: Hearing) -> Iterator[Found]:
    """
    One encrypted message: a person waits although we cannot read why.

    Raises ValidationError when a received one lacks its ids.
    """
    chat = p.Chat.model_validate(raw)
    ours = chat.sender_id in hearing.brand
    other = next((side for side in _sides(chat.conversation_id) if side != chat.sender_id), None)
    if ours and (other is None or other in hearing.brand):
        yield _among_ourselves() if other else _unreadable_chat()
        return
    yield hearing.fact(
        kind=FactKind.ANSWER if ours else FactKind.MENTION,
        account_id=hearing.account_id or (chat.sender_id if ours else other or ""),
        message_id=chat.id,
        occurred_at=chat.created_at,
        thread_id=conversation_id(chat.sender_id, other) if other else chat.conversation_id,
        author=Author(id=chat.sender_id),
        customer_id=other if ours else None,
        private=True,
    )


def read_sent_chat(raw: object, hearing: Hearing) -> Iterator[Found]:
    """Like a received one, but its fields are not documented: without the ids it is passed over."""
    try:
        yield from read_chat(raw, hearing)
    except ValidationError:
        yield _unreadable_chat()


def conversation_id(one: str, other: str) -> str:
    """X's own name for a conversation of two: the smaller user id first. Deliveries do not carry it."""
    return "-".join(sorted((one, other), key=int))


def _sides(chat_conversation: str) -> list[str]:
    """Both user ids of a one-to-one chat; empty for a group, whose id has another form."""
    return re.split("[:-]", chat_conversation) if re.fullmatch(r"\d{1,20}[:-]\d{1,20}", chat_conversation) else []


def _writer(user_id: str, people: object) -> Author:
    raw = people.get(user_id) if isinstance(people, Mapping) else None
    try:
        known = author(p.Person.model_validate(raw))
    except ValidationError:
        known = None
    return known if known and known.id == user_id else Author(id=user_id)


def _media(attachment: p.Attachment | None) -> tuple[Media, ...]:
    if attachment is None:
        return ()
    if attachment.media:
        return (medium(attachment.media),)
    return (Media(kind="location" if attachment.type == "location" else "other"),)


def _among_ourselves() -> Ignored:
    return Ignored(what="own_conversation", reason="Both sides of the conversation are accounts of the brand.")


def _unreadable_chat() -> Ignored:
    return Ignored(what="encrypted_chat", reason="An encrypted message of ours that does not say whom it answers.")
