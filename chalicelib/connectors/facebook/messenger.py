"""
Items of `messaging`, and of `standby`, where another app owns the conversation: both are recorded alike.

Source: developers.facebook.com/docs/messenger-platform/webhooks, read 2026-11-23.
"""

from collections.abc import Mapping
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from chalicelib.connectors._kit.values import read_id
from chalicelib.connectors.facebook.payloads import Attachment, Enforcement, Message, Messaging, Person, Postback
from chalicelib.connectors.facebook.reading import EntryContext, Outcome, media, required
from chalicelib.domain.facts import Author, FactKind, Media, TroubleKind
from chalicelib.ports.connector.parsing import Ignored

NOT_MESSAGES = MappingProxyType(
    {
        "reaction": "engagement only",
        "read": "a receipt",
        "delivery": "a receipt",
        "optin": "consent, no message",
        "referral": "how the person came, no message",
        "account_linking": "a login, no message",
        "pass_thread_control": "another app takes over",
        "take_thread_control": "another app took over",
        "request_thread_control": "another app asks to take over",
        "app_roles": "roles of apps",
    }
)
OPENINGS = frozenset({"getstarted", "start"})
ENFORCEMENT = ("policy_enforcement", "policy-enforcement")  # documented and seen

MEDIA_KINDS = MappingProxyType(
    {
        "image": "photo",
        "video": "video",
        "audio": "audio",
        "file": "file",
        "location": "location",
        "sticker": "sticker",
        "fallback": "link",  # a shared page that Messenger could not show
        "share": "link",
        "post": "link",
        "reel": "video",
        "ig_reel": "video",
    }
)


def read_item(item: Mapping[str, Any], heard: EntryContext) -> Outcome:
    """What one item means. Raises Unreadable for a message without its id."""
    sides = Messaging.model_validate(item)
    if item.get("message") is not None:
        return _message(Message.model_validate(item["message"]), sides, heard)
    if item.get("message_edit") is not None:
        return _edit(Message.model_validate(item["message_edit"]), sides, heard)
    if item.get("postback") is not None:
        return _pressed(Postback.model_validate(item["postback"]), sides, item.get("timestamp"), heard)
    for name in ENFORCEMENT:
        if item.get(name) is not None:
            return _enforcement(Enforcement.model_validate(item[name]), heard)
    for name, reason in NOT_MESSAGES.items():
        if name in item:
            return Ignored(what=name, reason=reason)
    return Ignored(what="unknown_field", reason="an item we do not read")


def _message(message: Message, sides: Messaging, heard: EntryContext) -> Outcome:
    mid = required(message.mid, "mid")
    by_brand = message.is_echo or heard.is_brand(_side(sides.sender))
    customer = _customer(sides, heard, by_brand=by_brand)
    known = _conversation(customer, sides, heard)
    if message.is_deleted:
        return heard.fact(FactKind.DELETE, mid, **known)
    known |= {"text": message.text, "media": _media(message), "parent_id": _parent(message)}
    if not by_brand:
        return heard.fact(FactKind.MENTION, mid, author=_author(customer), **known)
    if customer is None and known["parent_id"] is None:
        return Ignored(what="unaddressed_echo", reason="nobody is named whom the Page wrote to")
    return heard.fact(FactKind.ANSWER, mid, **known, **_answered(message, customer, heard))


def _edit(message: Message, sides: Messaging, heard: EntryContext) -> Outcome:
    sender = _side(sides.sender)
    customer = _customer(sides, heard, by_brand=heard.is_brand(sender))
    return heard.fact(
        FactKind.EDIT,
        required(message.mid, "mid"),
        author=_author(sender),
        text=message.text,
        version=_edits(message.num_edit),
        **_conversation(customer, sides, heard),
    )


def _pressed(postback: Postback, sides: Messaging, pressed_at: object, heard: EntryContext) -> Outcome:
    """
    A button is what the person says with it, such as "Talk to a person": judged as any text is.

    The button with which everybody begins a conversation says nothing.
    """
    if OPENINGS & {_letters(postback.title), _letters(postback.payload)}:
        return Ignored(what="get_started", reason="the button that begins a conversation")
    customer = _customer(sides, heard, by_brand=False)
    return heard.fact(
        FactKind.MENTION,
        postback.mid or _press_id(heard.page, customer, pressed_at, postback),
        author=_author(customer),
        text=postback.title,
        **_conversation(customer, sides, heard),
    )


def _letters(text: str | None) -> str:
    return "".join(letter for letter in text or "" if letter.isalpha()).casefold()


def _press_id(page: str, customer: str | None, pressed_at: object, postback: Postback) -> str:
    """Older deliveries name no message: the same press, delivered again, is the same one."""
    when = required(read_id(pressed_at), "mid or timestamp")
    press = "|".join((page, customer or "", when, postback.payload or "", postback.title or ""))
    return f"press:{sha256(press.encode()).hexdigest()[:32]}"


def _enforcement(enforcement: Enforcement, heard: EntryContext) -> Outcome:
    if enforcement.action != "block":
        return Ignored(what="policy_enforcement", reason="a warning, or a block that ended")
    return heard.trouble(TroubleKind.MESSAGING_BLOCKED, heard.page, "Meta has blocked the Page from messaging.")


def _side(person: Person | None) -> str | None:
    return person.id if person else None


def _customer(sides: Messaging, heard: EntryContext, *, by_brand: bool) -> str | None:
    """The side that is not the brand: some senders of echoes do not swap the two."""
    pair = [_side(sides.sender), _side(sides.recipient)]
    if by_brand:
        pair.reverse()
    return next((side for side in pair if side and not heard.is_brand(side)), None)


def _conversation(customer: str | None, sides: Messaging, heard: EntryContext) -> dict[str, Any]:
    # Messenger names no conversation. Person ids are scoped to the Page; "dm:" keeps clear of post ids.
    thread_id = f"dm:{heard.page}:{customer}" if customer else None
    return {"thread_id": thread_id, "private": True, "occurred_at": sides.timestamp or heard.sent_at}


def _answered(message: Message, customer: str | None, heard: EntryContext) -> dict[str, Any]:
    by_bot = message.app_id in heard.settings.bot_app_ids
    return {
        "author": Author(id=heard.page),
        "customer_id": customer,
        "via_app_id": message.app_id,
        "by_person": not by_bot,
    }


def _author(person_id: str | None) -> Author | None:
    return Author(id=person_id) if person_id else None


def _parent(message: Message) -> str | None:
    return message.reply_to.mid if message.reply_to else None


def _media(message: Message) -> tuple[Media, ...]:
    return tuple(_attached(attachment) for attachment in message.attachments)


def _attached(attachment: Attachment) -> Media:
    payload = attachment.payload
    kind = MEDIA_KINDS.get(attachment.type or "", "other")
    if payload.sticker_id:
        kind = "sticker"  # arrives as an image
    return media(kind, payload.url or attachment.url, payload.title or attachment.title)


def _edits(count: str | None) -> int:
    """How many times it was edited; at least once, whatever the count says."""
    return max(1, int(count)) if count and count.isascii() and count.isdecimal() else 1
