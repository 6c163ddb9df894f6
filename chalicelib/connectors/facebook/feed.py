"""
Changes of a Page: feed, mention and ratings.

Source: developers.facebook.com/docs/graph-api/webhooks/reference/page, read
2026-11-23. Both verbs of each pair edit/edited and remove/delete occur.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from chalicelib.connectors.facebook.payloads import Change, FeedValue
from chalicelib.connectors.facebook.reading import EntryContext, Outcome, media, required
from chalicelib.domain.facts import Author, FactKind, Media
from chalicelib.ports.connector.parsing import Ignored

KINDS = MappingProxyType(
    {
        "add": FactKind.MENTION,  # or an answer, when the Page wrote it
        "edit": FactKind.EDIT,
        "edited": FactKind.EDIT,
        "remove": FactKind.DELETE,
        "delete": FactKind.DELETE,
        "hide": FactKind.HIDE,
        "unhide": FactKind.UNHIDE,
    }
)
WRITTEN = frozenset({FactKind.MENTION, FactKind.EDIT})  # the others say nothing about text or author
POSTS = frozenset({"post", "status", "photo", "video", "share", "album", "link"})
NOT_CONTENT = MappingProxyType(
    {
        "reaction": "engagement only",
        "like": "engagement only",
        "event": "the Page's own calendar",
    }
)
MODERATION = frozenset({"block", "mute"})  # about a person or a recording, not about a message
LINK_KINDS = MappingProxyType({"photo": "photo", "video": "video"})  # the item itself is behind `link`


def read_change(change: Change, heard: EntryContext) -> Outcome:
    """What one change means. Raises Unreadable for a comment, post or rating without its id."""
    if not change.value:
        return Ignored(what="no_value", reason="the subscription does not include values, or a field was only named")
    read = FIELDS.get(change.field or "")
    if read is None:
        return Ignored(what="unknown_field", reason="a field we do not read")
    value = FeedValue.model_validate(change.value)
    return _set_aside(value) or read(value, heard)


def _set_aside(value: FeedValue) -> Ignored | None:
    """What is about no message's text in any of the fields."""
    item, verb = value.item or "", value.verb or ""
    if verb in MODERATION:
        return Ignored(what=verb, reason="moderation; the content still exists")
    if item in NOT_CONTENT:
        return Ignored(what=item, reason=NOT_CONTENT[item])
    return None


def _feed(value: FeedValue, heard: EntryContext) -> Outcome:
    if value.item == "comment":
        return _comment(value, heard, value.post_id, {})
    if value.item in POSTS:
        return _post(value, heard, {})
    return Ignored(what="unknown_field", reason="an item we do not read")


def _mention(value: FeedValue, heard: EntryContext) -> Outcome:
    """Whatever the Page was named in: a kind of item that is new to us is still a mention."""
    named = {"summoned": True}
    if value.item == "comment" or value.comment_id:
        return _comment(value, heard, value.post_id, named)
    return _post(value, heard, named)


def _ratings(value: FeedValue, heard: EntryContext) -> Outcome:
    if value.item == "rating":
        return _rating(value, heard)
    if value.item == "comment":
        return _review_comment(value, heard)
    return Ignored(what="unknown_field", reason="an item we do not read")


def _comment(value: FeedValue, heard: EntryContext, thread_id: str | None, extra: Mapping[str, Any]) -> Outcome:
    kind = _kind(value)
    if kind is None:
        return _unknown_verb()
    place = {"thread_id": thread_id, "parent_id": value.parent_id}
    if kind is FactKind.MENTION and _by_brand(_written_by(value), heard):
        kind, extra = FactKind.ANSWER, {}
        place["parent_id"] = value.parent_id or value.post_id
    written = {**_written(value), **extra} if kind in WRITTEN or kind is FactKind.ANSWER else {}
    return heard.fact(
        kind, required(value.comment_id, "comment_id"), occurred_at=_occurred_at(kind, value, heard), **place, **written
    )


def _post(value: FeedValue, heard: EntryContext, extra: Mapping[str, Any]) -> Outcome:
    kind = _kind(value)
    if kind is None:
        return _unknown_verb()
    # Who is named in a removal may be who removed it: only what was written is told by its author.
    if kind in WRITTEN and _by_brand(_written_by(value), heard):
        return Ignored(what="own_post", reason="the Page's own publishing")
    post_id = required(value.post_id, "post_id")
    written = {**_written(value), "permalink": _permalink(value), **extra} if kind in WRITTEN else {}
    return heard.fact(kind, post_id, thread_id=post_id, occurred_at=_occurred_at(kind, value, heard), **written)


def _rating(value: FeedValue, heard: EntryContext) -> Outcome:
    kind = _kind(value)
    if kind is None:
        return _unknown_verb()
    author = _author(value.reviewer_id, value.reviewer_name)
    if kind in WRITTEN and _by_brand(author, heard):
        return Ignored(what="own_post", reason="a rating by the brand itself")
    story_id = required(value.open_graph_story_id, "open_graph_story_id")
    written: dict[str, Any] = {}
    if kind in WRITTEN:
        written = {"author": author, "text": value.review_text, "rating": _stars(value.rating)}
    return heard.fact(kind, story_id, thread_id=story_id, occurred_at=_occurred_at(kind, value, heard), **written)


def _review_comment(value: FeedValue, heard: EntryContext) -> Outcome:
    """A comment below a review: its thread is the story, which is what the review was recorded under."""
    story_id = value.open_graph_story_id or value.post_id
    top_level = value.parent_id in (None, value.post_id)
    below = value.model_copy(update={"parent_id": story_id if top_level else value.parent_id})
    return _comment(below, heard, story_id, {})


FIELDS: Mapping[str, Callable[[FeedValue, EntryContext], Outcome]] = MappingProxyType(
    {"feed": _feed, "mention": _mention, "ratings": _ratings}
)


def _kind(value: FeedValue) -> FactKind | None:
    return KINDS.get(required(value.verb, "verb"))


def _unknown_verb() -> Ignored:
    return Ignored(what="unknown_verb", reason="a verb we do not read")


def _by_brand(author: Author | None, heard: EntryContext) -> bool:
    return author is not None and heard.is_brand(author.id)


def _written(value: FeedValue) -> dict[str, Any]:
    return {"author": _written_by(value), "text": value.message, "media": _media(value)}


def _written_by(value: FeedValue) -> Author | None:
    """None when Meta withheld it, as it does for lack of a permission: that is never the Page."""
    person = value.author
    if person and person.id:
        return _author(person.id, person.name)
    return _author(value.sender_id, value.sender_name)


def _author(person_id: str | None, name: str | None) -> Author | None:
    return Author(id=person_id, name=name) if person_id else None


def _media(value: FeedValue) -> tuple[Media, ...]:
    link_kind = LINK_KINDS.get(value.item or "", "link")
    found = [("photo", value.photo), *(("photo", url) for url in value.photos)]
    found += [("video", value.video), (link_kind, value.link)]
    return tuple(media(kind, url) for kind, url in found if url)


def _permalink(value: FeedValue) -> str | None:
    return value.post.permalink_url if value.post else None


def _stars(rating: str | None) -> int | None:
    return int(rating) if rating in {"1", "2", "3", "4", "5"} else None


def _occurred_at(kind: FactKind, value: FeedValue, heard: EntryContext) -> datetime | None:
    """
    When it happened, as far as Meta tells.

    What is added has its own time. A removal has none: `created_time`, if
    there, is the content's. For edits and hiding it is either, so the later counts.
    """
    if kind is FactKind.DELETE:
        return heard.sent_at
    if kind in {FactKind.MENTION, FactKind.ANSWER}:
        return value.created_time or heard.sent_at
    return max((at for at in (value.created_time, heard.sent_at) if at), default=None)
