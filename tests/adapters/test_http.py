"""One call over a real socket: what came back, and whether it may have arrived."""

import gzip
import json
import logging
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, Client

from chalicelib.adapters.http import MOST_BYTES, RequestsHttp
from chalicelib.ports.connector.calls import ApiKey, Basic, Bearer, File, HttpCall, HttpResult, OAuth1, SignedJwt
from tests.rings import need

KEYS = OAuth1(consumer_key="app-key", consumer_secret="app-secret", token="the-token", token_secret="token-secret")
NOT_SENT = HttpResult(status=0, sent=False)
NO_ANSWER = HttpResult(status=0, sent=True)
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers as it is told and keeps what it was asked."""

    def __init__(self, answer: Answer) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append((self.command, self.path, headers, body))
                answer(self)

            do_GET = do_POST = _serve  # noqa: N815  the base class names them

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Server":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def ec_key() -> tuple[str, str]:
    return _pems(ec.generate_private_key(ec.SECP256R1()))


def rsa_key() -> tuple[str, str]:
    return _pems(rsa.generate_private_key(65537, 2048))


def _pems(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> tuple[str, str]:
    """The private and the public half."""
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def sends(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def closes(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


def breaks_off(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n{")
    handler.close_connection = True


def talks_nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"good morning\r\n\r\n")
    handler.close_connection = True


@contextmanager
def silence() -> Iterator[str]:
    """An address where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def unused() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def post(url: str, **changed: object) -> HttpResult:
    values = {"method": "POST", "url": f"{url}/posts", "json": {"text": "we found it"}, "timeout_s": 2.0}
    return RequestsHttp().perform(HttpCall(**{**values, **changed}))  # type: ignore[arg-type]


# --- what comes back --------------------------------------------------------------------------------------------


def test_the_answer_comes_back_with_lower_case_names():
    with Server(sends(429, b'{"a":1}', X_Rate_Limit_Reset="1772445600")) as server:
        result = post(server.url, params={"q": "a b"}, headers={"X-Own": "1"})
    assert (result.status, result.body, result.sent) == (429, b'{"a":1}', True)
    assert result.headers["x-rate-limit-reset"] == "1772445600"
    [(method, path, headers, body)] = server.requests
    assert (method, path, headers["x-own"], json.loads(body)) == ("POST", "/posts?q=a+b", "1", {"text": "we found it"})


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status):
    with Server(sends(200)) as target, Server(sends(status, Location=f"{target.url}/else")) as server:
        assert post(server.url).status == status
    assert target.requests == []


@pytest.mark.parametrize("status", [500, 502, 503])
def test_nothing_is_tried_again(status):
    with Server(sends(status)) as server:
        assert post(server.url).status == status
    assert len(server.requests) == 1


def test_a_flood_is_cut():
    with Server(sends(200, b"x" * (MOST_BYTES + 10))) as server:
        assert len(post(server.url).body) == MOST_BYTES


def test_a_packed_flood_is_cut_too():
    packed = gzip.compress(b"x" * (20 * MOST_BYTES))
    with Server(sends(200, packed, Content_Encoding="gzip")) as server:
        assert len(post(server.url).body) == MOST_BYTES


# --- whether it may have arrived --------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [closes, breaks_off, talks_nonsense], ids=lambda answer: answer.__name__)
def test_a_broken_answer_may_have_arrived(answer):
    with Server(answer) as server:
        assert post(server.url) == NO_ANSWER
    assert len(server.requests) == 1


def test_silence_may_have_arrived():
    with silence() as url:
        assert post(url, timeout_s=0.1) == NO_ANSWER


def test_a_spoilt_packing_may_have_arrived():
    with Server(sends(200, b"not gzip", Content_Encoding="gzip")) as server:
        assert post(server.url) == NO_ANSWER


@pytest.mark.parametrize("url", ["https://nowhere.invalid", "https://127.0.0.1:1"])
def test_without_a_connection_it_did_not_arrive(url):
    assert post(url) == NOT_SENT


def test_a_refused_connection_did_not_arrive():
    assert post(unused()) == NOT_SENT


def test_a_full_queue_of_connections_did_not_arrive(monkeypatch):
    monkeypatch.setattr("chalicelib.adapters.http.CONNECT_TIMEOUT_S", 0.1)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        try:
            assert post(f"http://127.0.0.1:{address[1]}") == NOT_SENT
        finally:
            for one in waiting:
                one.close()


def test_a_certificate_nobody_vouches_for_did_not_arrive(tmp_path):
    with tls_server(tmp_path) as url:
        assert post(url) == NOT_SENT


@contextmanager
def tls_server(folder) -> Iterator[str]:
    """Speaks TLS with a certificate of its own making."""
    need(shutil.which("openssl"), "a certificate is made with the openssl command, and there is none")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Server(sends(200)) as server:
        server._server.socket = context.wrap_socket(server._server.socket, server_side=True)
        yield server.url.replace("http:", "https:")
    assert server.requests == []


# --- where it may go --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://platform.example",
        "http://127.0.0.1.platform.example",
        "http://localhost.platform.example",
        "http://127.0.0.1@platform.example",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "//127.0.0.1",
        "",
        "https://[nonsense",
        "https://",
    ],
)
def test_other_addresses_are_never_called(url, monkeypatch):
    def never(*_: object, **__: object) -> None:
        raise AssertionError("it was called")

    monkeypatch.setattr("requests.Session.send", never)
    assert post(url) == NOT_SENT


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxies_of_the_environment_are_ignored(scheme, monkeypatch):
    with Server(sends(200)) as proxy, Server(sends(204)) as server:
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        assert post(server.url).status == 204
    assert proxy.requests == []


# --- who calls --------------------------------------------------------------------------------------------------


def test_a_bearer_token_goes_into_the_header(monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Server(sends(200)) as server:
        post(server.url, auth=Bearer(token="page-token"))
        post(server.url)
    first, second = (headers for _, _, headers, _ in server.requests)
    assert first["authorization"] == "Bearer page-token"
    assert "authorization" not in second


def test_a_name_and_a_password_go_into_the_header():
    with Server(sends(200)) as server:
        post(server.url, auth=Basic(user="dänk", password="a:b"))
    [(_, _, headers, _)] = server.requests
    assert b64decode(headers["authorization"].removeprefix("Basic ")).decode() == "dänk:a:b"


def test_a_key_goes_into_the_header_of_its_name():
    with Server(sends(200)) as server:
        post(server.url, auth=ApiKey(header="Api-Key", value="the-key"))
    [(_, _, headers, _)] = server.requests
    assert headers["api-key"] == "the-key"


@pytest.mark.parametrize(("algorithm", "make"), [("ES256", ec_key), ("RS256", rsa_key)])
def test_a_token_is_signed_anew_for_each_call(algorithm, make):
    private, public = make()
    token = SignedJwt(
        key=private, algorithm=algorithm, claims={"iss": "larkspur"}, headers={"kid": "k1"}, lifetime_s=300
    )
    with Server(sends(200)) as server:
        post(server.url, auth=token)
    [(_, _, headers, _)] = server.requests
    given = headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(given, public, algorithms=[algorithm])
    assert (claims["iss"], claims["exp"] - claims["iat"]) == ("larkspur", 300)
    assert jwt.get_unverified_header(given)["kid"] == "k1"


def test_a_key_that_cannot_sign_sends_nothing():
    with Server(sends(200)) as server:
        assert post(server.url, auth=SignedJwt(key="no key", algorithm="ES256", claims={})) == NOT_SENT
    assert server.requests == []


def test_a_secret_goes_into_its_place_in_the_address():
    with Server(sends(200)) as server:
        post(f"{server.url}/bot{{token}}", url_secrets={"token": "12:ab/../c?d"})
    [(_, path, _, _)] = server.requests
    assert path == "/bot12:ab%2F..%2Fc%3Fd/posts"


def test_a_form_a_file_and_raw_bytes_are_sent_as_what_they_are():
    photo = File(name="seat.png", content=b"\x89PNG", content_type="image/png")
    with Server(sends(200)) as server:
        post(server.url, json=None, form={"text": "a b&c"})
        post(server.url, json=None, form={"text": "a"}, files={"photo": photo})
        post(server.url, json=None, content=b"<a/>", content_type="application/xml")
    form, multipart, raw = ((headers["content-type"], body) for _, _, headers, body in server.requests)
    assert form == ("application/x-www-form-urlencoded", b"text=a+b%26c")
    assert multipart[0].startswith("multipart/form-data; boundary=")
    assert b'filename="seat.png"' in multipart[1]
    assert b"\x89PNG" in multipart[1]
    assert raw == ("application/xml", b"<a/>")


@pytest.mark.parametrize("bodies", [{"form": {}}, {"content": b"", "content_type": "text/plain"}, {"files": {}}])
def test_a_call_has_one_kind_of_body(bodies):
    with pytest.raises(ValueError, match="one kind of body"):
        HttpCall(method="POST", url="https://platform.example", json={}, **bodies)


@pytest.mark.parametrize("token", ["two\nlines", "a\r\nX-Evil: 1", "tökén"])
def test_a_token_that_is_none_is_not_sent(token):
    with Server(sends(200)) as server:
        assert post(server.url, auth=Bearer(token=token)) == NOT_SENT
    assert server.requests == []


def test_an_oauth_signature_is_that_of_the_very_call():
    with Server(sends(200)) as server:
        post(server.url, auth=KEYS, params={"max_results": "5"})
    [(_, path, headers, _)] = server.requests
    given = dict(part.strip().split("=", 1) for part in headers["authorization"].removeprefix("OAuth ").split(","))
    client = Client(
        KEYS.consumer_key,
        KEYS.consumer_secret,
        KEYS.token,
        KEYS.token_secret,
        signature_method=SIGNATURE_HMAC_SHA1,
        nonce=given["oauth_nonce"].strip('"'),
        timestamp=given["oauth_timestamp"].strip('"'),
    )
    _, expected, _ = client.sign(server.url + path, "POST")
    assert given["oauth_signature"] in expected["Authorization"]


@pytest.mark.parametrize(
    "auth",
    [
        KEYS,
        Bearer(token="the-token"),
        Basic(user="app-key", password="app-secret"),
        ApiKey(header="Api-Key", value="the-token"),
    ],
    ids=["oauth", "bearer", "basic", "key"],
)
def test_no_secret_is_ever_logged(auth, caplog):
    caplog.set_level(logging.DEBUG)
    secret_body, secret_answer = {"text": "private words"}, b'{"private": "answer"}'
    with Server(sends(200, secret_answer)) as server:
        post(server.url, auth=auth, json=secret_body, params={"appsecret_proof": "the-proof"})
        post(unused(), auth=auth, params={"appsecret_proof": "the-proof"})
        post(f"{unused()}/bot{{token}}", auth=auth, url_secrets={"token": "the-token"})
        post("https://[nonsense?the-proof", auth=auth)
    text = "\n".join(record.getMessage() + str(record.exc_info or "") for record in caplog.records)
    assert "127.0.0.1: 200" in text
    for secret in ("the-token", "app-secret", "token-secret", "app-key", "the-proof", "private", "oauth_signature"):
        assert secret not in text


def test_a_library_that_signs_is_loaded_for_what_it_signs_only():
    program = (
        "import sys; from chalicelib.adapters.http import RequestsHttp;"
        "from chalicelib.ports.connector.calls import Bearer, HttpCall;"
        f"RequestsHttp().perform(HttpCall(method='GET', url='{unused()}', auth=Bearer(token='t')));"
        "print({'requests_oauthlib', 'jwt', 'cryptography'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
