"""
What every connector must do, whatever the platform.

Nothing here names a platform: a new folder under `connectors/` and its
fixtures are tested the moment they exist, and fail while fixtures are missing.
"""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import connectors
from chalicelib.domain import platforms
from chalicelib.domain.facts import FactKind
from chalicelib.ports.connector import replying
from chalicelib.ports.connector.calls import HttpCall, HttpResult, Later, Steps
from chalicelib.ports.connector.manifest import TextLimit
from chalicelib.ports.connector.parsing import ChannelSettings, Parsed, Unreadable
from chalicelib.ports.connector.receiving import (
    HandshakeRefused,
    Protection,
    RequestRefused,
    SignatureInvalid,
    SignatureMissing,
    WebhookSecrets,
)
from chalicelib.ports.connector.replying import (
    DeliveryError,
    Looks,
    MaybeSent,
    NotAuthorised,
    OutboundReply,
    Receipt,
    Refused,
    Throttled,
    Unavailable,
)
from chalicelib.usecases.exchange import run
from tests.connectors.samples import (
    RECEIVED_AT,
    TEST_SECRET,
    HandshakeSample,
    ReplySample,
    WebhookSample,
    always,
    bare_statuses,
    credentials,
    first_call,
    handshake_samples,
    inbound,
    outbound,
    plain,
    reply_samples,
    send_context,
    signature,
    signed,
    stray_files,
    webhook_samples,
)

ROOT = Path(__file__).parents[2]
PLATFORMS = sorted(connectors.names())
HEARING = [name for name in PLATFORMS if connectors.has(name, "webhook")]
ANSWERING = [name for name in PLATFORMS if connectors.has(name, "reply")]
LOOKING = [name for name in ANSWERING if isinstance(connectors.reply(name), Looks)]
DELIVERIES = [sample for name in HEARING for sample in webhook_samples(name)]
SPEAKING_JSON = [name for name in HEARING if "application/json" in connectors.webhook_facts(name).content_types]
RESULTS = [sample for name in ANSWERING for sample in reply_samples(name)]
HANDSHAKES = [sample for name in HEARING for sample in handshake_samples(name)]
TESTED = {
    method: [n for n in HEARING if method in connectors.webhook_facts(n).handshakes] for method in ("GET", "POST")
}
# What a changed byte of the body is noticed by.
SIGNED = (Protection.BODY, Protection.REQUEST, Protection.KEYS)
SECRETS = WebhookSecrets(secrets=(TEST_SECRET,))

each_platform = pytest.mark.parametrize("platform", PLATFORMS)
each_hearing = pytest.mark.parametrize("platform", HEARING)
each_speaking_json = pytest.mark.parametrize("platform", SPEAKING_JSON)
each_answering = pytest.mark.parametrize("platform", ANSWERING)
each_delivery = pytest.mark.parametrize("sample", DELIVERIES, ids=str)
calm = [HealthCheck.too_slow, HealthCheck.data_too_large]  # a busy machine is no defect
EXAMPLES = int(os.environ.get("EARSHOT_EXAMPLES", "150"))  # fewer where a test only asks whether a platform fits
thorough = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=calm)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


# --- the folder ----------------------------------------------------------------------------------------------------


def test_there_are_platforms() -> None:
    assert PLATFORMS


@each_platform
def test_the_manifest_agrees_with_the_files(platform: str) -> None:
    manifest = connectors.manifest(platform)
    uses = {secret.use for secret in manifest.secrets}
    assert {part for part in ("webhook", "reply", "poll", "health") if connectors.has(platform, part)}
    assert ("verify" in uses) == connectors.has(platform, "webhook")
    assert uses <= {"verify", "send"}
    assert connectors.has(platform, "reply") == bool(manifest.limits) == bool(manifest.answers)
    assert manifest.title
    assert manifest.name
    assert manifest.hears
    assert manifest.docs_url.startswith("https://")
    assert date.fromisoformat(manifest.read_on)
    assert manifest.verified_by in {"fixtures", "sandbox", "live"}


@each_hearing
def test_what_the_manifest_says_of_the_webhook_is_what_its_file_can_do(platform: str) -> None:
    facts, webhook = connectors.webhook_facts(platform), connectors.webhook(platform)
    assert hasattr(webhook, "handshake") == bool(facts.handshakes)
    fetches = facts.protection in (Protection.KEYS, Protection.SENDER)
    assert hasattr(webhook, "key_url") == fetches
    assert connectors.manifest(platform).public_keys or not fetches
    assert facts.content_types
    assert all(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", one) for one in facts.content_types)
    for answer in (facts.accepted, facts.refused):  # a call is for handshakes alone, which have been proven
        assert answer is None or answer.call is None
    assert facts.accepted is None or 200 <= facts.accepted.status < 300


@each_platform
def test_the_domain_knows_what_the_manifest_says(platform: str) -> None:
    manifest = connectors.manifest(platform)
    known = platforms.platform_of(platform)
    assert (known.name, known.mention_prefix, known.window) == (
        manifest.name,
        manifest.mention_prefix,
        manifest.reply_window,
    )
    assert platforms.name_of(platform) == manifest.name
    assert (
        manifest.reply_window is None
        or timedelta(0) < manifest.reply_window.standard <= manifest.reply_window.by_person
    )


@pytest.mark.parametrize(
    ("platform", "limit"),
    [(name, limit) for name in ANSWERING for limit in connectors.manifest(name).limits],
    ids=str,
)
def test_an_answer_is_taken_up_to_the_limit_of_the_manifest_and_no_longer(platform: str, limit: TextLimit) -> None:
    check = connectors.reply(platform).check
    check(outbound(text="a" * limit.most, private=limit.private))
    with pytest.raises(Refused):
        check(outbound(text="a" * (limit.most + 1), private=limit.private))


@each_platform
def test_a_platform_has_fixtures_for_each_of_its_abilities(platform: str) -> None:
    hears, answers = connectors.has(platform, "webhook"), connectors.has(platform, "reply")
    assert bool(webhook_samples(platform)) == hears
    assert bool(handshake_samples(platform)) == (hears and bool(connectors.webhook_facts(platform).handshakes))
    assert bool(reply_samples(platform)) == answers


@each_platform
def test_every_fixture_file_is_read_by_a_test(platform: str) -> None:
    assert stray_files(platform) == []


@each_hearing
def test_every_declared_event_has_a_fixture(platform: str) -> None:
    shown = {line for sample in webhook_samples(platform) for line in sample.about.get("reads", [])}
    assert shown == set(connectors.manifest(platform).reads)


@each_delivery
def test_a_fixture_says_what_it_is_and_where_it_comes_from(sample: WebhookSample) -> None:
    assert sample.about["what"].endswith(".")
    assert sample.about["source"].startswith("https://")
    assert date.fromisoformat(sample.about["read_on"])


@each_platform
def test_the_manifest_loads_without_the_platforms_code(platform: str) -> None:
    loaded = _modules_after(f"from chalicelib import connectors; connectors.manifest({platform!r})")
    assert f"chalicelib.connectors.{platform}" in loaded
    assert not {name for name in loaded if name.startswith(f"chalicelib.connectors.{platform}.")}


@each_hearing
def test_verifying_a_webhook_loads_no_heavy_module_and_no_other_platform(platform: str) -> None:
    loaded = _modules_after(
        f"""
        from datetime import UTC, datetime
        from chalicelib import connectors
        from chalicelib.ports.connector.receiving import InboundRequest, WebhookSecrets
        webhook = connectors.webhook({platform!r})
        request = InboundRequest(platform={platform!r}, channel="c", method="POST", headers={{}}, query={{}},
                                 body=b"{{}}", received_at=datetime.now(UTC), request_id="r")
        secrets = WebhookSecrets(secrets=("k",))
        webhook.verify(webhook.sign(request, secrets), secrets)
        """
    )
    heavy = {"pydantic", "pydantic_core", "requests", "urllib3", "oauthlib", "requests_oauthlib", "boto3", "botocore"}
    others = {f"chalicelib.connectors.{name}" for name in PLATFORMS if name != platform}
    assert loaded & (heavy | others) == set()


def _modules_after(code: str) -> set[str]:
    more = "from tests import more_platforms; more_platforms.add()\n"
    code = more + dedent(code) + "\nimport sys; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


# --- handshake -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", HANDSHAKES, ids=str)
def test_a_handshake_is_answered_as_its_fixture_says(sample: HandshakeSample) -> None:
    webhook, expect = connectors.webhook(sample.platform), sample.about["expect"]
    if "refused" in expect:
        with pytest.raises(HandshakeRefused) as refused:
            webhook.handshake(sample.request, sample.secrets)
        assert refused.value.status == expect["refused"]
    elif "delivery" in expect:
        assert webhook.handshake(sample.request, sample.secrets) is None
    else:
        answer = webhook.handshake(sample.request, sample.secrets)
        assert (answer.body, answer.content_type) == (expect["body"], expect["content_type"])


@pytest.mark.parametrize("platform", TESTED["GET"])
def test_handshakes_that_pass_and_that_are_refused_are_both_shown(platform: str) -> None:
    samples = [sample for sample in handshake_samples(platform) if sample.request.method == "GET"]
    assert {"refused" in sample.about["expect"] for sample in samples} == {True, False}


def test_a_handshake_by_post_is_told_from_a_delivery() -> None:
    """Both are shown by each platform that is tested in this way."""
    shown = {
        name: {"delivery" in s.about["expect"] for s in handshake_samples(name) if s.request.method == "POST"}
        for name in TESTED["POST"]
    }
    assert shown == {name: {True, False} for name in TESTED["POST"]}


@pytest.mark.parametrize("platform", TESTED["GET"])
@pytest.mark.parametrize("secrets", [(), ("",)], ids=["none", "empty"])
def test_a_handshake_without_a_configured_secret_is_refused(platform: str, secrets: tuple[str, ...]) -> None:
    sample = next(sample for sample in handshake_samples(platform) if "body" in sample.about["expect"])
    token = "" if secrets else None
    with pytest.raises(RequestRefused):
        connectors.webhook(platform).handshake(sample.request, WebhookSecrets(secrets=secrets, verify_token=token))


# --- signature -----------------------------------------------------------------------------------------------------


@each_delivery
def test_a_signed_delivery_is_accepted_with_the_headers_that_travel(sample: WebhookSample) -> None:
    webhook = connectors.webhook(sample.platform)
    assert all(name == name.lower() for name in connectors.webhook_facts(sample.platform).headers)
    kept = {
        name: value
        for name, value in sample.request.headers.items()
        if name in connectors.webhook_facts(sample.platform).headers
    }
    webhook.verify(replace(sample.request, headers=kept), SECRETS)


@each_delivery
def test_a_changed_byte_is_refused(sample: WebhookSample) -> None:
    middle = len(sample.body) // 2
    changed = sample.body[:middle] + bytes([sample.body[middle] ^ 1]) + sample.body[middle + 1 :]
    webhook, request = connectors.webhook(sample.platform), replace(sample.request, body=changed)
    if connectors.webhook_facts(sample.platform).protection in SIGNED:
        with pytest.raises(SignatureInvalid):
            webhook.verify(request, SECRETS)
    else:  # as declared: the platform proves who sends, not what
        webhook.verify(request, SECRETS)


@each_hearing
def test_a_missing_signature_is_refused(platform: str) -> None:
    with pytest.raises(SignatureMissing):
        connectors.webhook(platform).verify(inbound(platform, b"{}"), SECRETS)


@each_hearing
@pytest.mark.parametrize("secrets", [("another_secret",), (), ("",)], ids=["wrong", "none", "empty"])
def test_a_signature_needs_a_configured_secret(platform: str, secrets: tuple[str, ...]) -> None:
    webhook = connectors.webhook(platform)
    for signed_with in (TEST_SECRET, ""):
        request = signed(inbound(platform, b"{}"), signed_with)
        with pytest.raises(RequestRefused):
            webhook.verify(request, WebhookSecrets(secrets=secrets))


@each_hearing
def test_every_live_secret_is_accepted_while_one_is_rotated(platform: str) -> None:
    webhook = connectors.webhook(platform)
    for secret in ("newer", "older"):
        request = signed(inbound(platform, b"{}"), secret)
        webhook.verify(request, WebhookSecrets(secrets=("newer", "older")))


@each_speaking_json
@thorough
@given(
    padding=st.text(st.sampled_from(" \t\r\n")),
    body=st.dictionaries(st.text(), json_values),
    secret=st.text(min_size=1),
)
def test_an_object_that_is_signed_verifies_whatever_its_bytes(
    platform: str, padding: str, body: dict[str, Any], secret: str
) -> None:
    webhook = connectors.webhook(platform)
    for ascii_only in (True, False):
        wire = (padding + json.dumps(body, ensure_ascii=ascii_only)).encode(errors="replace")
        webhook.verify(signed(inbound(platform, wire), secret), WebhookSecrets(secrets=(secret,)))


@each_hearing
@thorough
@given(value=st.text())
def test_a_nonsense_signature_is_refused_not_an_error(platform: str, value: str) -> None:
    webhook = connectors.webhook(platform)
    headers = dict.fromkeys(signature(platform, b"{}"), value)
    with pytest.raises(RequestRefused):
        webhook.verify(inbound(platform, b"{}", headers=headers), SECRETS)


# --- a secret is never applied to what a stranger chose --------------------------------------------------------------

# Texts that somebody might pass off as a challenge: whole deliveries, JSON of any kind, and what tokens are made of.
challenges = st.one_of(
    st.text(),
    st.text(st.sampled_from("abcXYZ0189_+/=.-")),
    json_values.map(json.dumps),
    st.dictionaries(st.text(), json_values).map(json.dumps),
    st.sampled_from(["0", "123", "1e5", "true", "null", "NaN", "{}", " {}", "[{}]", '{"a":1}', '"abc"']),
)


@each_delivery
def test_no_handshake_signs_a_delivery(sample: WebhookSample) -> None:
    _nothing_forged(sample.platform, sample.body.decode(errors="replace"))


@each_hearing
@thorough
@given(text=challenges)
def test_no_handshake_signs_what_a_delivery_could_be(platform: str, text: str) -> None:
    _nothing_forged(platform, text)


def _nothing_forged(platform: str, text: str) -> None:
    """No answer to a challenge made of this text holds a signature with which the text would be taken."""
    body = text.encode(errors="replace")
    headers = signature(platform, body)
    if not _is_taken(platform, body, headers):
        return
    signatures = {form for value in headers.values() for form in _spellings(value)}
    assert signatures
    for answer in _answers_to(platform, text, headers):
        assert not [form for form in signatures if form in answer]


def _is_taken(platform: str, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        connectors.webhook(platform).verify(inbound(platform, body, headers=headers), SECRETS)
    except RequestRefused:
        return False
    return True


def _answers_to(platform: str, text: str, headers: Mapping[str, str]) -> Iterator[str]:
    """
    What the handshake answers when any of its parameters, or all of them, say `text`.

    Some platforms sign a body with a word before it: that is tried too.
    """
    webhook = connectors.webhook(platform)
    words = {value[: end + 1] for value in headers.values() if (end := value.find("=")) > 0}
    for sample in (one for one in handshake_samples(platform) if one.request.method == "GET"):
        secrets, names = replace(sample.secrets, secrets=(TEST_SECRET,)), list(sample.request.query)
        for chosen in [names, *([name] for name in names)]:
            for said in (text, *(word + text for word in words)):
                query = {**sample.request.query, **dict.fromkeys(chosen, said)}
                try:
                    answer = webhook.handshake(replace(sample.request, query=query), secrets)
                except RequestRefused:
                    continue
                yield answer.body


def _spellings(value: str) -> Iterator[str]:
    """A signature in each way of writing it that an answer could use, without what names its kind."""
    bare = re.sub(r"^[a-z0-9]+=", "", value)
    yield bare
    for read in (bytes.fromhex, base64.b64decode):
        try:
            raw = read(bare)
        except ValueError:
            continue
        if len(raw) >= 16:
            yield from (raw.hex(), raw.hex().upper())
            yield from (encode(raw).decode().rstrip("=") for encode in (base64.b64encode, base64.urlsafe_b64encode))


# --- parse ---------------------------------------------------------------------------------------------------------


@each_delivery
def test_a_delivery_becomes_its_golden(sample: WebhookSample) -> None:
    assert sample.golden is not None, "no golden yet: python -m tests.connectors.samples --write-golden, then review"
    assert plain(sample.parse()) == sample.golden


@each_delivery
def test_the_same_delivery_twice_makes_the_same_facts(sample: WebhookSample) -> None:
    assert sample.parse() == sample.parse()


@each_delivery
def test_facts_carry_what_the_request_knew(sample: WebhookSample) -> None:
    request, parsed = sample.request, sample.parse()
    for item in (*parsed.facts, *parsed.troubles):
        assert (item.platform, item.channel, item.received_at) == (
            request.platform,
            request.channel,
            request.received_at,
        )


@each_hearing
def test_a_fixture_is_json_where_the_manifest_says_that_bodies_are(platform: str) -> None:
    assert {sample.is_json for sample in webhook_samples(platform)} == {platform in SPEAKING_JSON}


@pytest.mark.parametrize("sample", [sample for sample in DELIVERIES if sample.is_json], ids=str)
def test_escaped_and_plain_unicode_are_one_message(sample: WebhookSample) -> None:
    try:
        payload = json.loads(sample.body)
    except ValueError:
        pytest.fail("a fixture that is named JSON is JSON; what is not belongs in the hypothesis tests")
    for ascii_only in (True, False):
        body = json.dumps(payload, ensure_ascii=ascii_only).encode(errors="surrogatepass")
        again = replace(sample.request, body=body)
        if _is_utf8(body):
            assert connectors.parser(sample.platform).parse(again, sample.settings) == sample.parse()


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


@each_hearing
def test_an_unknown_event_is_ignored_and_said(platform: str) -> None:
    unknown = [sample.parse() for sample in webhook_samples(platform) if sample.name.startswith("unknown_")]
    assert unknown, "needs a fixture named unknown_*"
    for parsed in unknown:
        assert parsed.facts == ()
        assert parsed.ignored


@each_hearing
def test_our_own_echo_is_shown_as_an_answer(platform: str) -> None:
    answers = [f for s in webhook_samples(platform) for f in s.parse().facts if f.kind is FactKind.ANSWER]
    assert answers


@each_delivery
def test_whoever_is_the_brand_is_never_a_mention(sample: WebhookSample) -> None:
    writers = {fact.author.id for fact in sample.parse().facts if fact.author}
    ours = replace(sample.settings, accounts=sample.settings.accounts | writers)
    for fact in connectors.parser(sample.platform).parse(sample.request, ours).facts:
        assert fact.kind is not FactKind.MENTION or fact.author is None


@each_delivery
def test_ignored_parts_have_a_slug_and_a_reason(sample: WebhookSample) -> None:
    for ignored in sample.parse().ignored:
        assert re.fullmatch(r"[a-z][a-z_]*", ignored.what)
        assert ignored.reason


@each_speaking_json
@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"5", b'"x"', b"{", b"\xff\xfe\x00", b"a=1&b=2"])
def test_what_is_no_object_is_unreadable(platform: str, body: bytes) -> None:
    with pytest.raises(Unreadable):
        connectors.parser(platform).parse(inbound(platform, body), ChannelSettings())


@each_hearing
@thorough
@given(body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
def test_nonsense_is_unreadable_and_nothing_else(platform: str, body: bytes) -> None:
    _parse_or_unreadable(platform, body, ChannelSettings())


@each_hearing
def test_hostile_json_is_unreadable_and_nothing_else(platform: str) -> None:
    for body in (b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b'{"a": 1e999, "a": NaN}'):
        _parse_or_unreadable(platform, body, ChannelSettings())


@each_delivery
def test_a_delivery_with_a_byte_changed_or_cut_off_stays_readable_or_is_unreadable(sample: WebhookSample) -> None:
    body, step = sample.body, max(1, len(sample.body) // 200)
    assert body
    for place in range(0, len(body), step):
        for changed in (body[:place], body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]):
            for fact in _parse_or_unreadable(sample.platform, changed, sample.settings).facts:
                _is_storable(fact)


@each_speaking_json
@settings(deadline=None, max_examples=4 * EXAMPLES, suppress_health_check=calm)
@given(data=st.data())
def test_a_delivery_with_one_part_replaced_stays_readable_or_is_unreadable(platform: str, data: st.DataObject) -> None:
    sample = data.draw(st.sampled_from(webhook_samples(platform)))
    payload = json.loads(sample.body)
    container, key = data.draw(st.sampled_from(_places(payload)))
    container[key] = data.draw(json_values)
    parsed = _parse_or_unreadable(platform, json.dumps(payload).encode(), sample.settings)
    for fact in parsed.facts:
        _is_storable(fact)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
    inner = [place for _, child in pairs if isinstance(child, dict | list) for place in _places(child)]
    return [(value, key) for key, _ in pairs] + inner


def _parse_or_unreadable(platform: str, body: bytes, channel: ChannelSettings) -> Parsed:
    try:
        return connectors.parser(platform).parse(inbound(platform, body), channel)
    except Unreadable:
        return Parsed()


def _is_storable(fact: Any) -> None:
    """Ids are there, times are aware whole seconds, and every string survives UTF-8."""
    assert fact.message_id
    assert fact.author is None or fact.author.id
    if fact.occurred_at is not None:
        assert fact.occurred_at.utcoffset() == timedelta(0)
        assert fact.occurred_at.microsecond == 0
    assert "\\u0000" not in json.dumps(plain(Parsed(facts=(fact,))))
    json.dumps(plain(Parsed(facts=(fact,))), ensure_ascii=False).encode()


@each_delivery
def test_facts_can_be_stored(sample: WebhookSample) -> None:
    for fact in sample.parse().facts:
        _is_storable(fact)


# --- reply ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", RESULTS, ids=str)
def test_an_api_answer_is_read_as_its_fixture_says(sample: ReplySample) -> None:
    expect = sample.about["expect"]
    if "error" in expect:
        with pytest.raises(DeliveryError) as raised:
            sample.run()
        assert type(raised.value) is getattr(replying, expect["error"])
        assert raised.value.code == expect["code"]
        assert raised.value.retry_after_s == expect.get("retry_after_s")
        assert str(raised.value).endswith(".")
    elif "later" in expect:
        assert sample.run() == Later(**expect["later"])
    else:
        assert _plain_receipt(sample.run()) == expect["receipt"]


def _plain_receipt(receipt: Receipt | Later | None) -> dict[str, str] | None:
    if receipt is None:
        return None
    assert isinstance(receipt, Receipt)
    posted = {"posted_at": receipt.posted_at.isoformat()} if receipt.posted_at else {}
    return {"message_id": receipt.message_id, **posted}


@each_answering
def test_a_receipt_a_look_that_finds_and_one_that_does_not_are_shown(platform: str) -> None:
    receipts = [s for s in reply_samples(platform) if "receipt" in s.about["expect"]]
    shown = {(s.about.get("step", "send"), s.about["expect"]["receipt"] is not None) for s in receipts}
    looks = {("look", True), ("look", False)} if platform in LOOKING else set()
    assert shown == {("send", True), *looks}


def _accepted(platform: str, *, private: bool) -> ReplySample:
    """The fixture of an answer that the platform takes: its results lead to the last call."""
    taken = [s for s in reply_samples(platform) if s.about.get("step", "send") == "send"]
    taken = [s for s in taken if s.about["expect"].get("receipt")]
    return next((s for s in taken if s.reply.private is private), taken[0])


def _last_call_gets(sample: ReplySample, result: HttpResult, *, private: bool) -> Receipt | Later | None:
    """The steps as in the fixture, but the last call has this result."""
    last = len(sample.results) - 1
    reply = replace(outbound(private=private), progress=sample.reply.progress, address=sample.reply.address)
    steps = connectors.reply(sample.platform).send(reply, send_context(sample.platform))
    calls = count()
    return run(steps, lambda _: sample.results[number] if (number := next(calls)) < last else result)


BARE = {
    "401": (HttpResult(status=401), NotAuthorised),
    "404": (HttpResult(status=404), Refused),
    "429": (HttpResult(status=429), Throttled),
    "500": (HttpResult(status=500), MaybeSent),
    "503 <html>": (HttpResult(status=503, body=b"<html>"), MaybeSent),
    "200 <html>": (HttpResult(status=200, body=b"<html>"), MaybeSent),
    "200 {}": (HttpResult(status=200, body=b"{}"), MaybeSent),
    "no answer": (HttpResult(status=0, sent=True), MaybeSent),
    "no connection": (HttpResult(status=0, sent=False), Unavailable),
}


@each_answering
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
@pytest.mark.parametrize("bare", BARE)
def test_a_bare_status_already_says_what_to_do_next(platform: str, private: bool, bare: str) -> None:
    result, expected = BARE[bare]
    sample = _accepted(platform, private=private)
    if private not in _kinds(platform):
        return
    if expected is MaybeSent and not _posts(sample):
        expected = Unavailable  # what is safe to repeat is repeated
    expected = getattr(replying, bare_statuses(platform).get(bare, {}).get("error", expected.__name__))
    with pytest.raises(DeliveryError) as raised:
        _last_call_gets(sample, result, private=private)
    assert isinstance(raised.value, expected)
    assert isinstance(raised.value, MaybeSent) == (expected is MaybeSent)
    if expected is Throttled:
        assert raised.value.retry_after_s is not None
        assert raised.value.retry_after_s > 0


def _kinds(platform: str) -> set[bool]:
    """Which answers the platform takes: private (True), public (False)."""
    return {kind == "private" for kind in connectors.manifest(platform).reply_kinds}


def _posts(sample: ReplySample) -> bool:
    """Whether one of the calls may not be repeated."""
    marked = []

    def perform(number: int, call: HttpCall) -> HttpResult:
        marked.append(call.posts)
        return sample.results[number]

    sample.run(perform)
    return any(marked)


@each_answering
@pytest.mark.parametrize("kind", ["public", "private"])
def test_what_posts_is_marked_and_comes_once(platform: str, kind: str) -> None:
    """Before it nothing has been said to anybody, after it there is nothing to lose."""
    if kind not in connectors.manifest(platform).reply_kinds:
        return
    marks = []
    sample = _accepted(platform, private=kind == "private")

    def perform(number: int, call: HttpCall) -> HttpResult:
        marks.append(call.posts)
        assert call.posts or call.method in {"GET", "HEAD", "PUT"} or connectors.manifest(platform).repeatable
        return sample.results[number]

    sample.run(perform)
    assert marks.count(True) == (0 if connectors.manifest(platform).repeatable else 1)


@pytest.mark.parametrize("platform", LOOKING)
@pytest.mark.parametrize("status", [0, 200, 302, 400, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"data": 5}', b'{"data": [5]}', b'{"data": [{}]}'])
def test_a_look_that_cannot_tell_never_says_not_there(platform: str, status: int, body: bytes) -> None:
    """ "Not there" is what makes the outbox post again: only a readable answer may say it."""
    tried = outbound(first_tried_at=RECEIVED_AT - timedelta(minutes=2))
    with pytest.raises(DeliveryError) as raised:
        always(_look(platform, tried), HttpResult(status=status, body=body))
    assert not isinstance(raised.value, Refused)


def _look(platform: str, reply: OutboundReply) -> Steps[Receipt | None]:
    connector = connectors.reply(platform)
    assert isinstance(connector, Looks)
    return connector.look(reply, send_context(platform))


@each_answering
@thorough
@given(
    status=st.integers(0, 599),
    body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()),
    headers=st.dictionaries(st.sampled_from(["x-rate-limit-reset", "retry-after", "x-app-usage"]), st.text()),
    sent=st.booleans(),
)
def test_any_answer_is_a_receipt_or_says_what_to_do_next(
    platform: str, status: int, body: bytes, headers: dict[str, str], sent: bool
) -> None:
    result = HttpResult(status=status, body=body, headers=headers, sent=sent)
    reply = outbound(first_tried_at=RECEIVED_AT)
    made = [connectors.reply(platform).send(reply, send_context(platform))]
    made += [_look(platform, reply)] if platform in LOOKING else []
    for steps in made:
        try:
            became = always(steps, result)
        except DeliveryError as error:
            assert error.code  # noqa: PT017  any of them will do
        else:
            assert became is None or isinstance(became, Later) or became.message_id


@each_answering
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
@pytest.mark.parametrize("text", ["", " \n\t", "a" * 100_000], ids=["empty", "blank", "endless"])
def test_a_text_that_cannot_be_sent_is_refused_before_any_call(platform: str, private: bool, text: str) -> None:
    with pytest.raises(Refused):
        connectors.reply(platform).check(outbound(text=text, private=private))


@each_answering
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_a_kind_of_answer_that_the_platform_lacks_is_refused_before_any_call(platform: str, private: bool) -> None:
    if private in _kinds(platform):
        connectors.reply(platform).check(outbound(private=private))
    else:
        with pytest.raises(Refused):
            connectors.reply(platform).check(outbound(private=private))


@each_answering
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_the_calls_go_to_the_platform_over_https_or_to_the_stand_in(platform: str, private: bool) -> None:
    if private not in _kinds(platform):
        return
    module, reply = connectors.reply(platform), outbound(private=private, first_tried_at=RECEIVED_AT)
    module.check(reply)
    for make in (module.send, *([module.look] if isinstance(module, Looks) else [])):
        assert first_call(make(reply, send_context(platform))).url.startswith("https://")
        standin = send_context(platform, api_base="http://127.0.0.1:1")
        assert first_call(make(reply, standin)).url.startswith("http://127.0.0.1:1/")
    assert reply.text in _all_bodies(platform, private=private)


def _all_bodies(platform: str, *, private: bool) -> str:
    sample, bodies = _accepted(platform, private=private), []
    reply = replace(sample.reply, text=outbound().text, private=private)
    calls = count()

    def perform(call: HttpCall) -> HttpResult:
        bodies.append(json.dumps([call.json, call.form, (call.content or b"").decode(errors="replace")]))
        return sample.results[next(calls)]

    run(connectors.reply(platform).send(reply, sample.context), perform)
    return "".join(bodies)


@each_answering
def test_no_secret_shows_in_a_repr_or_an_address(platform: str) -> None:
    context = send_context(platform)
    calls = [first_call(connectors.reply(platform).send(outbound(), context))]
    calls += [first_call(_look(platform, outbound(first_tried_at=RECEIVED_AT)))] if platform in LOOKING else []
    shown = repr((calls, context, WebhookSecrets(secrets=("hush-1",), verify_token="hush-2")))
    assert "hush" not in shown
    assert all(call.auth is not None or call.url_secrets for call in calls)


@each_answering
def test_a_missing_credential_is_named_before_any_call(platform: str) -> None:
    module = connectors.reply(platform)
    assert credentials(platform)
    for missing in credentials(platform):
        kept = {name: value for name, value in credentials(platform).items() if name != missing}
        context = replace(send_context(platform), credentials=kept)
        for make in (module.send, *([module.look] if isinstance(module, Looks) else [])):
            with pytest.raises(NotAuthorised, match=missing):
                next(make(outbound(first_tried_at=RECEIVED_AT), context))
