"""Calls to a platform as values, and what came back: a connector makes and reads them, an adapter performs them."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """Sign with OAuth 1.0a, HMAC-SHA1, the token of one user."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Send `Authorization: Bearer`."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    """Send `Authorization: Basic`, both parts as UTF-8."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """Send a secret as the header `header`."""

    header: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedJwt:
    """
    Send `Authorization: Bearer` with a token that is signed anew for the call.

    `key` is a private key as PEM; `algorithm` is "ES256" or "RS256". `iat` and
    `exp` (`lifetime_s` later, epoch seconds) are added to `claims`.
    """

    key: str = field(repr=False)
    algorithm: str
    claims: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    lifetime_s: int = 600


Auth = OAuth1 | Bearer | Basic | ApiKey | SignedJwt


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A part of a multipart body."""

    name: str
    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """
    One request to a platform API, as a value, with at most one kind of body.

    `form` is sent as application/x-www-form-urlencoded, or as
    multipart/form-data when there are `files`; `content` as it is, under
    `content_type`. Some platforms want a secret inside of the address:
    `{name}` in `url` stands for what `url_secrets` has under that name.

    `posts` marks a step that may not be repeated: whoever runs it first writes
    down that it may have been done. A step that is safe to repeat (a PUT, an
    idempotency key, any GET) leaves it out.
    """

    method: str
    url: str
    auth: Auth | None = None
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    files: Mapping[str, File] | None = field(default=None, repr=False)
    content: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    url_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout_s: float = 8.0
    posts: bool = False

    def __post_init__(self) -> None:
        bodies = (self.json, self.content, self.form if self.form is not None else self.files)
        if sum(body is not None for body in bodies) > 1:
            raise ValueError("a call has one kind of body")
        if (self.content is None) != (self.content_type is None):
            raise ValueError("content and content_type go together")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResult:
    """
    What came back. `headers` has lower-case names.

    `status` 0 means no answer was read: `sent` then tells whether the request
    may have reached the platform (a timeout) or surely did not (no connection).
    """

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """
    Stop here and begin anew in `after_s` seconds, with `progress` at hand.

    What a platform makes in the background (a container of Threads) is waited
    for in this way: the function ends, `progress` is stored, and nothing of it
    is lost when a function dies. 0 seconds is a mere mark: the steps begin
    anew at once.
    """

    after_s: float
    progress: Mapping[str, str]


# Steps yield a call and are sent its result, until they return; a `Later` ends them.
Steps = Generator[HttpCall | Later, HttpResult, T]
