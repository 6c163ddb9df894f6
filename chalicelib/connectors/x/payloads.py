"""
What we read of X's payloads, and nothing else.

Fields that say who, what and to which message are strict: an item that breaks
one is set aside. Decoration (names, counts, media) is read if it makes
sense and is None otherwise. Both API generations meet here: where they differ
in a name only, one model reads both spellings.
Rules: https://docs.x.com/x-api/activity/event-payloads and
https://docs.x.com/x-api/account-activity/introduction, read 2026-08-22.
"""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(2006, 3, 21, tzinfo=UTC)  # the first post; a time before it was never set
LARGEST_COUNT = 2**53  # beyond it a JSON number is no longer exact


def clean(text: str) -> str:
    """The text as it can be stored: surrogate halves joined, lone ones and NUL replaced."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def instant(value: object) -> datetime | None:
    """Aware UTC in whole seconds, of an ISO 8601 or a v1.1 time. None for anything else."""
    if not isinstance(value, str):
        return None
    for read in (datetime.fromisoformat, _v1_time):
        with contextlib.suppress(ValueError, OverflowError):
            found = read(value)
            aware = found if found.tzinfo else found.replace(tzinfo=UTC)
            return _since_there_is_x(aware.astimezone(UTC).replace(microsecond=0))
    return None


def _since_there_is_x(moment: datetime) -> datetime | None:
    return moment if moment >= EARLIEST else None


def _v1_time(text: str) -> datetime:
    return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")


def _instant_of_millis(value: object) -> datetime | None:
    with contextlib.suppress(ValueError, OverflowError, TypeError):
        millis = int(value) if isinstance(value, int | str) and not isinstance(value, bool) else None
        return None if millis is None else _since_there_is_x(UNIX_EPOCH + timedelta(seconds=millis // 1000))
    return None


def _text(value: object) -> str | None:
    return clean(value) if isinstance(value, str) else None


def _count(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= LARGEST_COUNT else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _or_none(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _good_items(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    good: list[Any] = []
    for item in value if isinstance(value, list) else ():
        with contextlib.suppress(ValidationError):
            good.extend(read([item]))
    return tuple(good)


T = TypeVar("T")
Id = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9]{1,20}$")]
ChatId = Annotated[str, StringConstraints(strict=True, pattern=r"^[0-9A-Za-z:_-]{1,100}$")]
Text = Annotated[str | None, BeforeValidator(_text)]
Count = Annotated[int | None, BeforeValidator(_count)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Instant = Annotated[datetime | None, BeforeValidator(instant)]
Millis = Annotated[datetime | None, BeforeValidator(_instant_of_millis)]
Decoration = Annotated[T | None, WrapValidator(_or_none)]
Items = Annotated[tuple[T, ...], WrapValidator(_good_items)]


class Payload(BaseModel):
    """X adds fields without notice: what is not named is not looked at."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Person(Payload):
    """A user, in either spelling. X Activity wraps some of them in `data`."""

    id: Id | None = Field(default=None, validation_alias=AliasChoices("id_str", "id"))
    handle: Text = Field(default=None, validation_alias=AliasChoices("screen_name", "username"))
    name: Text = None
    followers: Count = Field(
        default=None, validation_alias=AliasChoices("followers_count", AliasPath("public_metrics", "followers_count"))
    )
    verified: Flag = None

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, value: Any) -> Any:
        inner = value.get("data") if isinstance(value, dict) else None
        return inner if isinstance(inner, dict) else value


class Variant(Payload):
    """One encoding of a video."""

    url: Text = None
    bitrate: Count = Field(default=None, validation_alias=AliasChoices("bitrate", "bit_rate"))


class Medium(Payload):
    """A picture or a film. In v1.1 `url` is only the t.co link, so its `media_url_https` comes first."""

    type: Text = None
    media_key: Text = None
    url: Text = Field(default=None, validation_alias=AliasChoices("media_url_https", "url", "preview_image_url"))
    variants: Items[Variant] = Field(
        default=(), validation_alias=AliasChoices(AliasPath("video_info", "variants"), AliasPath("variants"))
    )


class NamedAccount(Payload):
    """An @handle in a text and the place where it begins."""

    id: Decoration[Id] = Field(default=None, validation_alias=AliasChoices("id_str", "id"))
    start: Count = Field(default=None, validation_alias=AliasChoices("start", AliasPath("indices", 0)))


class Entities(Payload):
    """What X found in a text."""

    named: Items[NamedAccount] = Field(default=(), validation_alias=AliasChoices("user_mentions", "mentions"))


class MediaEntities(Payload):
    """v1.1: all media of a post; `entities` holds only the first."""

    media: Items[Medium] = ()


class Long(Payload):
    """The whole of a text that was cut short: v1.1 `extended_tweet`, v2 `note_tweet`."""

    text: Text = Field(default=None, validation_alias=AliasChoices("full_text", "text"))
    shown_from: Count = Field(default=None, validation_alias=AliasPath("display_text_range", 0))
    entities: Decoration[Entities] = None
    extended_entities: Decoration[MediaEntities] = None


class QuotedPost(Payload):
    """A post inside another: only whose it is."""

    id: Decoration[Id] = Field(default=None, validation_alias=AliasChoices("id_str", "id"))
    author_id: Decoration[Id] = Field(
        default=None, validation_alias=AliasChoices("author_id", AliasPath("user", "id_str"))
    )


class EditHistory(Payload):
    """v1.1: every id of a post, oldest first; or only the first."""

    initial_id: Id | None = Field(default=None, validation_alias="initial_tweet_id")
    ids: tuple[Id, ...] | None = Field(
        default=None, validation_alias=AliasChoices("edit_tweet_ids", "edit_history_tweet_ids")
    )


class PostV1(Payload):
    """
    A post as Account Activity delivers it.

    `id` is never read: a documented sample has lost its last digits.
    """

    id_str: Id
    user: Person
    created_at: Instant = None
    timestamp_ms: Millis = None
    text: Text = Field(default=None, validation_alias=AliasChoices("full_text", "text"))
    long: Decoration[Long] = Field(default=None, validation_alias="extended_tweet")
    truncated: Flag = None
    shown_from: Count = Field(default=None, validation_alias=AliasPath("display_text_range", 0))
    entities: Decoration[Entities] = None
    extended_entities: Decoration[MediaEntities] = None
    in_reply_to_status_id_str: Id | None = None
    retweeted_status: object = None
    is_quote_status: Flag = None
    quoted_status: Decoration[QuotedPost] = None
    edit_history: EditHistory | None = None
    edit_history_ids: tuple[Id, ...] | None = Field(default=None, validation_alias="edit_history_tweet_ids")
    lang: Text = None
    likes: Count = Field(default=None, validation_alias="favorite_count")
    shares: Count = Field(default=None, validation_alias="retweet_count")


class Reference(Payload):
    """v2: another post that this one replies to, quotes or reposts."""

    type: str
    id: Id


class Metrics(Payload):
    """v2: engagement."""

    likes: Count = Field(default=None, validation_alias="like_count")
    shares: Count = Field(default=None, validation_alias=AliasChoices("retweet_count", "repost_count"))


class Attachments(Payload):
    """v2: keys into `includes.media`."""

    media_keys: Items[str] = ()


class PostV2(Payload):
    """
    A post as X Activity and Filtered Stream deliver it.

    The specification says `post` where deliveries still say `tweet`: both are read.
    """

    id: Id
    author_id: Id
    text: Text = None
    long: Decoration[Long] = Field(default=None, validation_alias=AliasChoices("note_tweet", "note_post"))
    created_at: Instant = None
    conversation_id: Id | None = None
    in_reply_to_id: Id | None = Field(
        default=None, validation_alias=AliasChoices("in_reply_to_tweet_id", "in_reply_to_post_id")
    )
    references: tuple[Reference, ...] | None = Field(
        default=None, validation_alias=AliasChoices("referenced_tweets", "referenced_posts")
    )
    edit_history_ids: tuple[Id, ...] | None = Field(
        default=None, validation_alias=AliasChoices("edit_history_tweet_ids", "edit_history_post_ids")
    )
    shown_from: Count = Field(default=None, validation_alias=AliasPath("display_text_range", 0))
    entities: Decoration[Entities] = None
    attachments: Decoration[Attachments] = None
    metrics: Decoration[Metrics] = Field(default=None, validation_alias="public_metrics")
    lang: Text = None


class Includes(Payload):
    """v2: what the post refers to."""

    users: Items[Person] = ()
    media: Items[Medium] = ()
    posts: Items[QuotedPost] = Field(default=(), validation_alias=AliasChoices("tweets", "posts"))


class Attachment(Payload):
    """What hangs on a direct message."""

    type: Text = None
    media: Decoration[Medium] = None


class MessageData(Payload):
    """The content of a direct message."""

    text: Text = None
    attachment: Decoration[Attachment] = None


class Target(Payload):
    """Whom a direct message is for."""

    recipient_id: Id


class MessageCreate(Payload):
    """One direct message; the brand's own carry the application that sent them."""

    sender_id: Id
    target: Target
    source_app_id: Text = None
    message_data: Decoration[MessageData] = None


class DirectMessage(Payload):
    """An element of `direct_message_events` of type `message_create`."""

    id: Id
    created_at: Millis = Field(default=None, validation_alias="created_timestamp")
    message_create: MessageCreate


class Chat(Payload):
    """An encrypted message: who and when, never what."""

    id: ChatId
    sender_id: Id
    conversation_id: ChatId
    created_at: Millis = Field(default=None, validation_alias="created_at_msec")


class DeletedStatus(Payload):
    """Which post is gone."""

    id: Id
    user_id: Id | None = Field(default=None, validation_alias=AliasChoices("user_id", "author_id"))


class Deletion(Payload):
    """An element of `tweet_delete_events`."""

    status: DeletedStatus
    deleted_at: Millis = Field(default=None, validation_alias="timestamp_ms")


class Revocation(Payload):
    """Whose access is gone: `user_event.revoke` or the payload of `oauth.revoke`."""

    user_id: Decoration[Id] = Field(
        default=None, validation_alias=AliasChoices("user_id", AliasPath("source", "user_id"))
    )


class Filter(Payload):
    """Which account an X Activity subscription listens for; empty for `oauth.revoke`."""

    user_id: Id | None = None


class Event(Payload):
    """`data` of an X Activity delivery."""

    event_type: str
    filter: Filter = Filter()
    payload: dict[str, Any]
    includes: Decoration[Includes] = None
