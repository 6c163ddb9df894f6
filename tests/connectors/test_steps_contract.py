"""What every poll, set-up and look at health must be, by the abilities that each platform's folder has."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from chalicelib import connectors
from chalicelib.ports.connector import replying
from chalicelib.ports.connector.calls import HttpCall, HttpResult
from chalicelib.ports.connector.parsing import Parsed, Unreadable
from chalicelib.ports.connector.polling import Heard
from chalicelib.ports.connector.replying import DeliveryError
from chalicelib.ports.connector.setup import Seen, Setup, Subscription
from tests.connectors.samples import RECEIVED_AT, TEST_SECRET, StepsSample, credentials, inbound, steps_samples

PLATFORMS = sorted(connectors.names())
ABILITIES = ("poll", "setup", "health")
HAVING = {ability: [name for name in PLATFORMS if connectors.has(name, ability)] for ability in ABILITIES}
SAMPLES = {
    ability: [one for name in names for one in steps_samples(name, ability)] for ability, names in HAVING.items()
}
EVERY = [(ability, sample) for ability, samples in SAMPLES.items() for sample in samples]
DEEDS = ("register", "subscriptions", "renew", "unregister")
CALLS = 30  # more than any of these makes

each = pytest.mark.parametrize(("ability", "sample"), EVERY, ids=str)


def begin(ability: str, sample: StepsSample) -> Any:
    """The generator, not yet begun."""
    if ability == "poll":
        return connectors.poll(sample.platform).poll(sample.poll_context)
    if ability == "setup":
        return getattr(connectors.setup(sample.platform), sample.about["deed"])(sample.setup_context)
    return connectors.health(sample.platform).check(sample.setup_context)


def walk(steps: Any, answers: Iterator[HttpResult]) -> tuple[list[HttpCall], list[Heard], Any]:
    """Its calls, its slices, and what it returns. What it raises comes through."""
    calls: list[HttpCall] = []
    slices: list[Heard] = []
    answer: HttpResult | None = None
    try:
        while True:
            step = steps.send(answer)
            if isinstance(step, Heard):
                slices.append(step)
                answer = None
            else:
                assert isinstance(step, HttpCall), f"{step!r} is neither a call nor a slice"
                calls.append(step)
                answer = next(answers)
    except StopIteration as end:
        return calls, slices, end.value


# --- the folder ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ability", ABILITIES)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_ability_has_fixtures_and_fixtures_have_an_ability(platform: str, ability: str) -> None:
    assert bool(steps_samples(platform, ability)) == connectors.has(platform, ability)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_manifest_says_how_often_a_platform_is_polled(platform: str) -> None:
    facts = connectors.manifest(platform).poll
    assert (facts is not None) == connectors.has(platform, "poll")
    assert facts is None or facts.every.total_seconds() >= 60
    assert connectors.has(platform, "poll") <= (
        connectors.has(platform, "parse") or connectors.has(platform, "webhook")
    )


@pytest.mark.parametrize("platform", HAVING["setup"])
def test_every_deed_of_setup_has_a_fixture(platform: str) -> None:
    setup: Setup = connectors.setup(platform)
    assert all(callable(getattr(setup, deed)) for deed in DEEDS)
    assert {sample.about["deed"] for sample in steps_samples(platform, "setup")} == set(DEEDS)


# --- what comes of an answer --------------------------------------------------------------------------------------


@each
def test_a_fixture_comes_to_what_it_expects(ability: str, sample: StepsSample) -> None:
    assert sample.about["what"].endswith(".")
    expect, answers = sample.about["expect"], iter(sample.answers)
    if "error" in expect:
        with pytest.raises(getattr(replying, expect["error"])) as caught:
            walk(begin(ability, sample), answers)
        assert type(caught.value).__name__ == expect["error"]
        assert caught.value.code == expect["code"]  # type: ignore[attr-defined]
    else:
        calls, slices, returned = walk(begin(ability, sample), answers)
        assert shown(ability, calls, slices, returned) == expect
    assert next(answers, None) is None, "an answer that nobody asked for"


def shown(ability: str, calls: list[HttpCall], slices: list[Heard], returned: Any) -> dict[str, Any]:
    """As a fixture has it."""
    if ability == "health":
        assert all(isinstance(one, Seen) for one in returned)
        assert all((one.level == "ok") == (one.command is None) for one in returned)
        return {"seen": [[one.level, one.text] for one in returned]}
    if ability == "setup":
        assert all(isinstance(one, Subscription) for one in returned)
        return {"subscriptions": [_told(one) for one in returned]}
    return {
        "calls": [f"{call.method} {call.url}" for call in calls],
        "heard": [json.loads(one.body) if one.body else None for one in slices],
        "cursors": [None if one.cursor is None else dict(one.cursor) for one in slices],
        "after_s": returned,
        **({"got": [list(one.got) for one in slices]} if any(one.got for one in slices) else {}),
    }


def _told(one: Subscription) -> dict[str, Any]:
    plain = {name: value for name, value in asdict(one).items() if value is not None}
    if one.expires_at:
        plain["expires_at"] = one.expires_at.isoformat()
    return plain if not one.is_active else {name: value for name, value in plain.items() if name != "is_active"}


if SAMPLES["poll"]:  # else there is nothing that these could say

    @pytest.mark.parametrize("sample", SAMPLES["poll"], ids=str)
    def test_every_slice_can_be_kept_and_read(sample: StepsSample) -> None:
        if "error" in sample.about["expect"]:
            return
        _, slices, _ = walk(begin("poll", sample), iter(sample.answers))
        for one in slices:
            json.dumps(one.cursor)
            assert all(name == name.lower() for name in one.headers)
            if one.body is not None:
                request = inbound(sample.platform, one.body, headers=one.headers)
                parsed = connectors.parser(sample.platform).parse(request, sample.settings)
                assert isinstance(parsed, Parsed)
                assert parsed.facts or parsed.ignored or parsed.troubles
                assert parsed.unread == ()
                assert all(fact.channel == f"{sample.platform}.main" for fact in parsed.facts)
                assert all(fact.received_at == RECEIVED_AT for fact in parsed.facts)

    @pytest.mark.parametrize("sample", SAMPLES["poll"], ids=str)
    def test_a_poll_that_is_begun_anew_from_a_cursor_skips_nothing(sample: StepsSample) -> None:
        """Cut after any slice and begun from its cursor, the poll asks on; it never asks for what came before anew."""
        if "error" in sample.about["expect"]:
            return
        calls, slices, _ = walk(begin("poll", sample), iter(sample.answers))
        kept = [one for one in slices if one.cursor is not None]
        assert len({json.dumps(one.cursor, sort_keys=True) for one in kept}) == len(kept), "a cursor that does not move"
        assert calls


# --- whatever a platform answers ----------------------------------------------------------------------------------

STATUSES = (200, 201, 204, 301, 400, 401, 403, 404, 409, 410, 429, 500, 503)
BODIES = (b"", b"{}", b"[]", b"null", b"<html>", b'{"data": 7}', b'{"error": []}', b"\xff", b"[" * 100_000)
ODD = [
    *(HttpResult(status=status, body=body) for status in STATUSES for body in BODIES),
    HttpResult(status=0, sent=False),
    HttpResult(status=0, sent=True),
]


@each
def test_whatever_is_answered_only_errors_that_say_what_comes_next_are_raised(
    ability: str, sample: StepsSample
) -> None:
    tried = 0
    for odd in ODD:
        for before in range(len(sample.answers)):
            answers = iter([*sample.answers[:before], *[odd] * CALLS])
            try:
                walk(begin(ability, sample), answers)
            except (DeliveryError, Unreadable):
                pass
            except StopIteration as error:
                raise AssertionError(f"more than {CALLS} calls on {odd}") from error
            tried += 1
    assert tried == len(ODD) * len(sample.answers)


@each
def test_an_answer_without_a_connection_is_for_later(ability: str, sample: StepsSample) -> None:
    if not sample.answers:
        return
    with pytest.raises((replying.Unavailable, replying.MaybeSent)):
        walk(begin(ability, sample), iter([HttpResult(status=0, sent=False)] * CALLS))


@each
def test_no_secret_shows(ability: str, sample: StepsSample) -> None:
    hushed = [*credentials(sample.platform).values(), TEST_SECRET, *filter(None, [sample.about.get("verify_token")])]
    steps, answers = begin(ability, sample), iter([*sample.answers, *[HttpResult(status=401)] * CALLS])
    calls: list[HttpCall] = []
    told: list[str] = []
    answer: HttpResult | None = None
    try:
        while True:
            step = steps.send(answer)
            told.append(repr(step))
            calls += [step] if isinstance(step, HttpCall) else []
            answer = next(answers) if isinstance(step, HttpCall) else None
    except StopIteration as end:
        told.append(repr(end.value))
    except DeliveryError as error:
        told.append(f"{error} {error!r} {error.code}")
    context = sample.poll_context if ability == "poll" else sample.setup_context
    assert not [text for text in (*told, repr(context)) for secret in hushed if secret in text]
    assert all(call.url.startswith("https://") for call in calls)
    assert not [call.url for call in calls for secret in hushed if secret in call.url]
