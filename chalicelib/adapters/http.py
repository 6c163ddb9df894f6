"""Calling a platform over HTTPS (requests 2.34). Satisfies `ports.http.Http`."""

import logging
import time
from collections.abc import Iterator
from http.client import HTTPException
from ipaddress import ip_address
from ssl import SSLCertVerificationError
from urllib.parse import quote, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from requests.models import PreparedRequest
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from chalicelib.ports.connector.calls import ApiKey, Auth, Basic, Bearer, HttpCall, HttpResult, OAuth1, SignedJwt

CONNECT_TIMEOUT_S = 3.0
MOST_BYTES = 1_000_000
CHUNK = 65_536
AGENT = "Earshot (requests)"
NOT_SENT = HttpResult(status=0, sent=False)
NO_ANSWER = HttpResult(status=0, sent=True)

# What these mean happened before a byte of the request was on its way: no name, no route, a wrong certificate.
_BEFORE_SENDING = (ConnectTimeoutError, NewConnectionError, SSLCertVerificationError)
# Their debug lines hold addresses with signatures, and the parts that are signed.
_TALKATIVE = ("urllib3", "oauthlib", "requests_oauthlib")

log = logging.getLogger(__name__)


class RequestsHttp:
    """
    One call, one connection: a kept one may be dead by the next call, and then nobody knows whether that arrived.

    Proxies and credentials of the environment are ignored.
    """

    def __init__(self) -> None:
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.INFO)

    def perform(self, call: HttpCall) -> HttpResult:
        """As the port says. An address that is neither https nor this machine is never called."""
        with requests.Session() as session:
            session.trust_env = False
            try:
                request = _prepared(session, call)
            except (requests.RequestException, ValueError) as error:
                log.error("%s call could not be made: %s", call.method, type(error).__name__)  # noqa: TRY400  quotes secrets
                return NOT_SENT
            result = _send(session, request, call.timeout_s)
        outcome = result.status or ("no answer" if result.sent else "no connection")
        log.info("%s %s: %s", call.method, urlsplit(call.url).hostname, outcome)
        return result


class AddressRefused(ValueError):
    """Credentials go over https, or stay on this machine."""


def _prepared(session: requests.Session, call: HttpCall) -> PreparedRequest:
    if not _is_safe(call.url):
        raise AddressRefused
    secrets = {name: quote(value, safe=":") for name, value in call.url_secrets.items()}
    files = {name: (file.name, file.content, file.content_type) for name, file in (call.files or {}).items()}
    typed = {"Content-Type": call.content_type} if call.content_type else {}
    request = requests.Request(
        call.method,
        call.url.format(**secrets) if secrets else call.url,
        params=dict(call.params),
        json=call.json,
        data=call.content if call.content is not None else dict(call.form or {}),
        files=files or None,
        headers={"User-Agent": AGENT, **typed, **call.headers},
        auth=_auth(call.auth),
    )
    return session.prepare_request(request)


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _send(session: requests.Session, request: PreparedRequest, timeout_s: float) -> HttpResult:
    timeout = (CONNECT_TIMEOUT_S, timeout_s)
    try:
        with session.send(request, timeout=timeout, allow_redirects=False, stream=True) as response:
            return HttpResult(status=response.status_code, body=_read(response), headers=_headers(response))
    except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
        return NOT_SENT if _surely_not_sent(error) else NO_ANSWER


def _read(response: requests.Response) -> bytes:
    """The body, cut at MOST_BYTES after unpacking."""
    body = b""
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) >= MOST_BYTES:
            break
    return body[:MOST_BYTES]


def _headers(response: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _surely_not_sent(error: BaseException) -> bool:
    """
    Whether the request cannot have reached the platform.

    requests wraps what happened more than once, and a `reason` is not a cause.
    """
    return any(isinstance(part, _BEFORE_SENDING) for part in _parts(error))


def _parts(error: BaseException | None) -> Iterator[BaseException]:
    while isinstance(error, BaseException):
        yield error
        inner = (getattr(error, "reason", None), *error.args)
        error = next((part for part in inner if isinstance(part, BaseException)), error.__cause__)


# --- who calls ---------------------------------------------------------------------------------------------------


def _auth(auth: Auth | None) -> AuthBase | None:
    match auth:
        case OAuth1():
            return _oauth1(auth)
        case Bearer():
            return _HeaderAuth("Authorization", "Bearer ", auth.token)
        case Basic():
            return HTTPBasicAuth(auth.user.encode(), auth.password.encode())
        case ApiKey():
            return _HeaderAuth(auth.header, "", auth.value)
        case SignedJwt():
            return _HeaderAuth("Authorization", "Bearer ", _signed(auth))
        case None:
            return None


def _oauth1(keys: OAuth1) -> AuthBase:
    from requests_oauthlib import OAuth1 as Signer

    signer: AuthBase = Signer(keys.consumer_key, keys.consumer_secret, keys.token, keys.token_secret)
    return signer


def _signed(token: SignedJwt) -> str:
    import jwt  # with the cryptography behind it the heaviest import of all, and few platforms want it

    now = int(time.time())
    claims = {**token.claims, "iat": now, "exp": now + token.lifetime_s}
    try:
        return jwt.encode(claims, token.key, algorithm=token.algorithm, headers=dict(token.headers))
    except (jwt.PyJWTError, TypeError) as error:
        raise ValueError("the private key cannot sign") from error


class _HeaderAuth(AuthBase):
    """A secret in a header."""

    def __init__(self, name: str, kind: str, secret: str) -> None:
        self._name, self._kind, self._secret = name, kind, secret

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if not (self._secret.isascii() and self._secret.isprintable()):
            raise ValueError("not a token")  # and not quoted, as the library below would
        request.headers[self._name] = self._kind + self._secret
        return request
