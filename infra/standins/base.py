"""
A small HTTP server that stands in for a platform's API, and fails when told to.

Control paths, beside the platform's own:

    POST /_fail   {"next": [FAILURE, ...]}   how the next calls fail, one each, in this order
    GET  /_posts                             everything accepted so far, oldest first

A FAILURE is {"status": 503, "body": ..., "headers": {...}} or {"mode": MODE}, where MODE is one of

    drop_after_accept   the call takes effect, then the connection closes without an answer
    hang                no effect and no answer, until the caller gives up or the server stops
    close_before_read   no effect; the connection closes before the body is read
"""

import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

MODES = frozenset({"drop_after_accept", "hang", "close_before_read"})

Failure = Mapping[str, Any]
Post = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandinCall:
    """One request as it came in. `headers` has lower-case names; of a repeated query name the last counts."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StandinAnswer:
    """What goes back: `body` is sent as it is when text, else as JSON."""

    status: int = HTTPStatus.OK
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Standin:
    """
    The server, on a free port of 127.0.0.1 unless told otherwise. A platform overrides `answer`.

    `on_post` is called with each accepted post before the answer goes out: an echo may be the faster one.
    """

    def __init__(self, *, port: int = 0, on_post: Callable[[Post], object] | None = None) -> None:
        self._posts: list[Post] = []
        self._failures: deque[Failure] = deque()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._on_post = on_post
        handler = type("Handler", (_Handler,), {"standin": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The address to use as `api_base`, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def posts(self) -> list[Post]:
        """Everything accepted so far, oldest first."""
        with self._lock:
            return list(self._posts)

    def start(self) -> Self:
        """Serve in a thread of its own."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        """Let go of hanging calls and close."""
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def fail_next(self, failures: Iterable[Failure]) -> None:
        """Queue failures, as `POST /_fail` does. Raises ValueError for one that is not understood."""
        wanted = list(failures)
        for failure in wanted:
            if failure.get("mode") not in MODES and not isinstance(failure.get("status"), int):
                raise ValueError(f"neither a mode nor a status: {failure}")
        with self._lock:
            self._failures.extend(wanted)

    def answer(self, call: StandinCall) -> StandinAnswer:
        """The platform's answer to a call that does not fail."""
        raise NotImplementedError

    def accept(self, post: Post) -> None:
        """Keep a post and tell `on_post`."""
        with self._lock:
            self._posts.append(post)
        if self._on_post:
            self._on_post(post)

    def next_failure(self) -> Failure | None:
        """Take the failure that is meant for this call."""
        with self._lock:
            return self._failures.popleft() if self._failures else None

    def control(self, call: StandinCall) -> StandinAnswer:
        """Answer a control path."""
        if (call.method, call.path) == ("GET", "/_posts"):
            return StandinAnswer(body={"posts": self.posts})
        if (call.method, call.path) != ("POST", "/_fail"):
            return StandinAnswer(status=HTTPStatus.NOT_FOUND)
        try:
            self.fail_next(json.loads(call.body)["next"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return StandinAnswer(status=HTTPStatus.BAD_REQUEST, body=str(error))
        return StandinAnswer(body={})

    def wait_for_stop(self) -> None:
        """Block a hanging call."""
        self._stopping.wait()


class _Handler(BaseHTTPRequestHandler):
    standin: ClassVar[Standin]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Quiet: the callers' own logs tell enough."""

    def _serve(self) -> None:
        if self.path.startswith("/_"):
            self._send(self.standin.control(self._call()))
            return
        failure = self.standin.next_failure()
        if failure is None:
            self._send(self.standin.answer(self._call()))
        elif "mode" in failure:
            self._fail(failure["mode"])
        else:
            self._call()
            self._send(
                StandinAnswer(
                    status=failure["status"], body=failure.get("body", ""), headers=failure.get("headers", {})
                )
            )

    def _fail(self, mode: str) -> None:
        if mode == "drop_after_accept":
            self.standin.answer(self._call())
        elif mode == "hang":
            self.standin.wait_for_stop()
        self.close_connection = True
        with suppress(OSError):  # the caller may have hung up first
            self.connection.shutdown(socket.SHUT_RDWR)

    def _call(self) -> StandinCall:
        parts = urlsplit(self.path)
        return StandinCall(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(self.headers.get("content-length") or 0)),
        )

    def _send(self, answer: StandinAnswer) -> None:
        text = isinstance(answer.body, str)
        body = (answer.body if text else json.dumps(answer.body)).encode()
        headers = {"Content-Type": "text/plain" if text else "application/json", **answer.headers}
        self.send_response(answer.status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
