"""Samples as if they were sent for the first time: the same story, now, under ids of its own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib import connectors
from chalicelib.domain.facts import Fact
from infra.operate import freshen
from tests.connectors.samples import WebhookSample, webhook_samples

NOW = datetime(2027, 5, 6, 7, 8, 9, tzinfo=UTC)
SAMPLES = [sample for platform in sorted(connectors.names()) for sample in webhook_samples(platform)]


def readable() -> Iterator[WebhookSample]:
    for sample in SAMPLES:
        if freshen.parse(sample.body, sample.platform, NOW).facts:
            yield sample


@pytest.mark.parametrize("sample", readable(), ids=str)
def test_a_fresh_payload_tells_the_same_story_now(sample: WebhookSample) -> None:
    before = freshen.parse(sample.body, sample.platform, NOW).facts
    fresh = freshen.freshen(sample.body, sample.platform, NOW)
    after = freshen.parse(fresh.body, sample.platform, NOW).facts
    assert [told(fact) for fact in after] == [told(fact) for fact in before]
    assert set(fresh.accounts) == {fact.account_id for fact in before}

    renamed = [pair for pairs in zip(before, after, strict=True) for pair in zip(*map(ids, pairs), strict=True)]
    assert len(set(renamed)) == len({old for old, _ in renamed}) == len({new for _, new in renamed})
    assert all(fact.message_id != new.message_id for fact, new in zip(before, after, strict=True))

    times = [(b.occurred_at, a.occurred_at) for b, a in zip(before, after, strict=True) if b.occurred_at]
    near = [pair for pair in times if max(old for old, _ in times) - pair[0] <= freshen.NEAR]
    assert all(new for _, new in times)
    if near:
        assert len({new - old for old, new in near if new}) == 1
        assert abs(max(new for _, new in near if new) - NOW) < timedelta(seconds=1)


def told(fact: Fact) -> tuple[object, ...]:
    """All but when, and under which ids."""
    return (fact.kind, fact.account_id, fact.author, fact.customer_id, fact.text, fact.private, fact.version)


def ids(fact: Fact) -> list[str | None]:
    return [fact.message_id, fact.parent_id, fact.thread_id, *fact.alias_ids]


@pytest.mark.parametrize("platform", sorted(connectors.names()))
def test_each_sending_is_another_message(platform: str) -> None:
    sample = next(one for one in readable() if one.platform == platform)
    twice = [freshen.freshen(sample.body, platform, NOW).body for _ in range(2)]
    first, second = [{fact.message_id for fact in freshen.parse(body, platform, NOW).facts} for body in twice]
    assert not first & second


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b"no json", b'{"object": "page", "entry": []}'])
@pytest.mark.parametrize("platform", sorted(connectors.names()))
def test_what_tells_nothing_is_left_as_it_is(platform: str, body: bytes) -> None:
    assert freshen.freshen(body, platform, NOW) == freshen.Fresh(body=body)
