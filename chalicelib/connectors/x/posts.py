"""
Posts of both API generations in one form, and the facts they make.

Rules: https://docs.x.com/x-api/fundamentals/edit-posts and
https://docs.x.com/x-api/fundamentals/conversation-id, read 2026-08-22.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.connectors._kit.items import Found
from chalicelib.connectors.x import payloads as p
from chalicelib.connectors.x import snowflake
from chalicelib.connectors.x.hearing import Hearing
from chalicelib.connectors.x.text import unescaped
from chalicelib.domain.facts import Author, FactKind, Media
from chalicelib.ports.connector.parsing import Ignored

HANDLE = re.compile(r"[A-Za-z0-9_]{1,20}")
CUT = re.compile(r"\u2026\s?https://t\.co/[A-Za-z0-9]+$")
MEDIA_KINDS = {"photo": "photo", "video": "video", "animated_gif": "gif"}


@dataclass(frozen=True, slots=True, kw_only=True)
class XPostFacts:
    """
    A post, whichever API described it.

    `history` holds the ids of all its versions, oldest first. `named` is None
    when the platform listed no entities; `shown_from` is where the text begins
    that its author typed, after the handles that X puts before a reply.
    """

    id: str
    history: tuple[str, ...]
    author: Author | None
    text: str | None
    cut: bool
    created_at: p.Instant
    parent_id: str | None
    thread_id: str | None = None
    lang: str | None
    media: tuple[Media, ...]
    likes: int | None
    shares: int | None
    named: tuple[p.NamedAccount, ...] | None
    shown_from: int | None
    quotes: bool
    quoted_author_id: str | None

    @property
    def version(self) -> int:
        return self.history.index(self.id)


# --- v1.1: Account Activity ------------------------------------------------------------------------------------------


def read_v1(raw: object, hearing: Hearing) -> Iterator[Found]:
    """One element of `tweet_create_events`. Raises ValidationError."""
    found = p.PostV1.model_validate(raw)
    if found.retweeted_status is not None:
        yield _repost()
    else:
        yield from facts(_from_v1(found), hearing)


def _from_v1(post: p.PostV1) -> XPostFacts:
    long = post.long if post.long and len(post.long.text or "") >= len(post.text or "") else None
    entities = long.entities if long and long.entities else post.entities
    media = (long and long.extended_entities) or post.extended_entities
    return XPostFacts(
        id=post.id_str,
        history=_history(post.id_str, _v1_history(post)),
        author=author(post.user),
        text=(long and long.text) or post.text,
        cut=_is_cut(post.text, flagged=post.truncated) and not (long and long.text),
        created_at=post.created_at or post.timestamp_ms or snowflake.created_at(post.id_str),
        parent_id=post.in_reply_to_status_id_str,
        lang=post.lang,
        media=tuple(medium(item) for item in media.media) if media else (),
        likes=post.likes,
        shares=post.shares,
        named=entities.named if entities else None,
        shown_from=long.shown_from if long else post.shown_from,
        quotes=bool(post.is_quote_status) or post.quoted_status is not None,
        quoted_author_id=post.quoted_status.author_id if post.quoted_status else None,
    )


def _v1_history(post: p.PostV1) -> tuple[str, ...]:
    history = post.edit_history or p.EditHistory()
    first = (history.initial_id,) if history.initial_id else ()
    return first + (history.ids or post.edit_history_ids or ())


# --- v2: X Activity and Filtered Stream ------------------------------------------------------------------------------


def read_v2(raw: object, includes: p.Includes | None, hearing: Hearing, *, summons: bool = False) -> Iterator[Found]:
    """One v2 post. `summons`: the event itself says that its author named or quoted us. Raises ValidationError."""
    found = p.PostV2.model_validate(raw)
    references = {reference.type: reference.id for reference in found.references or ()}
    if references.keys() & {"retweeted", "reposted"}:
        yield _repost()
    else:
        post = _from_v2(found, references, includes or p.Includes())
        yield from facts(post, replace(hearing, summons=summons))


def _from_v2(post: p.PostV2, references: dict[str, str], includes: p.Includes) -> XPostFacts:
    entities = (post.long and post.long.entities) or post.entities
    quoted_id = references.get("quoted")
    keys = post.attachments.media_keys if post.attachments else ()
    metrics = post.metrics or p.Metrics()
    return XPostFacts(
        id=post.id,
        history=_history(post.id, post.edit_history_ids or ()),
        author=_included_author(post.author_id, includes),
        text=(post.long and post.long.text) or post.text,
        cut=_is_cut(post.text) and not (post.long and post.long.text),
        created_at=post.created_at or snowflake.created_at(post.id),
        parent_id=post.in_reply_to_id or references.get("replied_to"),
        thread_id=post.conversation_id,
        lang=post.lang,
        media=tuple(medium(item) for item in includes.media if item.media_key in keys),
        likes=metrics.likes,
        shares=metrics.shares,
        named=entities.named if entities else None,
        shown_from=post.shown_from,
        quotes=quoted_id is not None,
        quoted_author_id=next((other.author_id for other in includes.posts if other.id == quoted_id), None),
    )


def _included_author(author_id: str, includes: p.Includes) -> Author:
    person = next((person for person in includes.users if person.id == author_id), None)
    return (author(person) if person else None) or Author(id=author_id)


# --- the facts -------------------------------------------------------------------------------------------------------


def facts(post: XPostFacts, hearing: Hearing) -> Iterator[Found]:
    """
    The post as a mention or an answer, and its edit when this is a later version.

    The message is known by its first id from whichever version we see first.
    """
    ours = post.author is not None and post.author.id in hearing.brand
    written_at = post.created_at if post.version == 0 else snowflake.created_at(post.history[0])
    written = hearing.fact(
        kind=FactKind.ANSWER if ours else FactKind.MENTION,
        account_id=_account(post, hearing),
        message_id=post.history[0],
        alias_ids=post.history[1:],
        version=post.version,
        occurred_at=written_at,
        thread_id=post.thread_id,
        parent_id=post.parent_id,
        author=post.author,
        text=unescaped(post.text),
        cut=post.cut,
        lang=None if post.lang == "und" else post.lang,
        permalink=permalink(post.id, post.author),
        media=post.media,
        likes=post.likes,
        shares=post.shares,
        summoned=None if ours else hearing.summons or _summoned(post, hearing.brand),
    )
    yield written
    if post.version:
        yield replace(
            written, kind=FactKind.EDIT, occurred_at=post.created_at, media=(), likes=None, shares=None, summoned=None
        )


def _account(post: XPostFacts, hearing: Hearing) -> str:
    """The account concerned. A Filtered Stream post does not say: then whom of us it was written by or names."""
    if hearing.account_id:
        return hearing.account_id
    hints = [post.author.id if post.author else None, *(account.id for account in post.named or ())]
    ours = sorted(hearing.brand)
    return next((hint for hint in hints if hint in hearing.brand), None) or next(iter(ours), "")


def _summoned(post: XPostFacts, brand: frozenset[str]) -> bool | None:
    typed = _named_by_hand(post, brand)
    if typed or post.quoted_author_id in brand:
        return True
    if post.quotes and post.quoted_author_id is None:
        return None
    return typed


def _named_by_hand(post: XPostFacts, brand: frozenset[str]) -> bool | None:
    if post.named is None:
        return None
    starts = [account.start for account in post.named if account.id in brand]
    if not starts:
        return None if any(account.id is None for account in post.named) else False
    if post.parent_id is None:
        return True  # X puts handles before replies only
    if post.shown_from is None or None in starts:
        return None
    return any(start is not None and start >= post.shown_from for start in starts)


def _is_cut(text: str | None, *, flagged: bool | None = None) -> bool:
    """Whether X sent only the beginning: it says so, or the text ends as X ends one that it cuts."""
    return bool(flagged) or (flagged is None and CUT.search(text or "") is not None)


def _history(post_id: str, ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ids, post_id)))


def _repost() -> Ignored:
    return Ignored(what="repost", reason="A repost says nothing of its own.")


def author(person: p.Person) -> Author | None:
    """None when X withheld who it is."""
    if person.id is None:
        return None
    return Author(
        id=person.id,
        handle=person.handle,
        name=person.name,
        followers=person.followers,
        verified=person.verified,
    )


def permalink(post_id: str, writer: Author | None) -> str:
    """X delivers none. The form without a handle leads to the same page."""
    if writer and writer.handle and HANDLE.fullmatch(writer.handle):
        return f"https://x.com/{writer.handle}/status/{post_id}"
    return f"https://x.com/i/web/status/{post_id}"


def medium(item: p.Medium) -> Media:
    """Its best encoding, else its picture."""
    films = [variant for variant in item.variants if variant.url]
    best = max(films, key=lambda variant: variant.bitrate if variant.bitrate is not None else -1, default=None)
    return Media(kind=MEDIA_KINDS.get(item.type or "", "other"), url=best.url if best else item.url)
