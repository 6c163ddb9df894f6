"""
One item that cannot be read changes nothing for the others of its delivery, whatever the platform and the fault.

`EARSHOT_MUTATED_BODIES=20000 pytest tests/connectors/test_items.py` tries that many bodies; ordinary runs try fewer.
"""

import copy
import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import permutations
from typing import Any

import pytest

from chalicelib import connectors
from chalicelib.ports.connector.parsing import ChannelSettings, Parsed, Unreadable
from tests.connectors.samples import WebhookSample, inbound, plain, webhook_samples

HEARING = [name for name in sorted(connectors.names()) if connectors.has(name, "webhook")]
SPEAKING_JSON = [name for name in HEARING if all(sample.is_json for sample in webhook_samples(name))]
BATCHING = [name for name in HEARING if connectors.webhook_facts(name).batches]
MUTATED_BODIES = int(os.environ.get("EARSHOT_MUTATED_BODIES", "600"))
GONE = object()
BROKEN: list[Any] = [GONE, None, 5, "x", [], {}, True]
STRANGE: list[Any] = [*BROKEN, -1, 1e308, "", "\ud800", "\0", "9" * 5000, [[[]]], {"id": {}}, ["x", None], False]

Body = dict[str, Any]
Place = tuple[Any, Any]  # a container, and the key or index in it


def settings_of(*samples: WebhookSample) -> ChannelSettings:
    return ChannelSettings(
        accounts=frozenset().union(*(sample.settings.accounts for sample in samples)),
        app_ids=frozenset().union(*(sample.settings.app_ids for sample in samples)),
        bot_app_ids=frozenset().union(*(sample.settings.bot_app_ids for sample in samples)),
    )


def read(platform: str, body: Body, settings: ChannelSettings) -> Parsed:
    """Nothing but what the port declares may be raised, and no item may meet a bug."""
    try:
        parsed = connectors.parser(platform).parse(inbound(platform, json.dumps(body).encode()), settings)
    except Unreadable:
        return Parsed()
    assert not [one for one in parsed.unread if one.is_bug]
    return parsed


def found(parsed: Parsed) -> Counter[str]:
    told = plain(parsed)
    return Counter(json.dumps(one, sort_keys=True) for one in (*told["facts"], *told["troubles"]))


def messages(parsed: Parsed) -> set[tuple[str, str]]:
    return {(fact.kind, fact.message_id) for fact in parsed.facts}


def places(value: Any) -> list[Place]:
    """Every place in a JSON value that can be changed."""
    if not isinstance(value, dict | list):
        return []
    pairs = list(value.items() if isinstance(value, dict) else enumerate(value))
    return [(value, key) for key, _ in pairs] + [place for _, child in pairs for place in places(child)]


def spoil(place: Place, value: Any) -> None:
    container, key = place
    if value is GONE:
        del container[key]
    else:
        container[key] = copy.deepcopy(value)


# --- items of one list -----------------------------------------------------------------------------------------


def lists_of_items(sample: WebhookSample) -> list[int]:
    """Which lists of a JSON body, by their number among its places, hold items: each adds to what is found."""
    if not sample.is_json:
        return []
    body = json.loads(sample.body)
    all_found = sum(found(sample.parse()).values())
    numbers = []
    for number, (container, key) in enumerate(places(body)):
        items = container[key]
        if isinstance(items, list) and len(items) > 1:
            kept = container[key]
            alone = []
            for item in items:
                container[key] = [item]
                alone.append(sum(found(read(sample.platform, body, sample.settings)).values()))
            container[key] = kept
            if all(alone) and max(alone) < all_found:
                numbers.append(number)
    return numbers


SEVERAL = [
    (sample, number) for name in HEARING for sample in webhook_samples(name) for number in lists_of_items(sample)
]


@pytest.mark.parametrize("platform", HEARING)
def test_a_platform_shows_a_delivery_of_several_items_or_declares_that_there_is_none(platform: str) -> None:
    several = [sample.name for sample in webhook_samples(platform) if sum(found(sample.parse()).values()) > 1]
    if platform in BATCHING:
        assert [sample for sample, _ in SEVERAL if sample.platform == platform]
    else:
        assert several == []


@pytest.mark.parametrize(("sample", "number"), SEVERAL, ids=str)
def test_breaking_one_item_anywhere_changes_nothing_for_the_others(sample: WebhookSample, number: int) -> None:
    container, key = places(json.loads(sample.body))[number]
    for index in range(len(container[key])):
        without = json.loads(sample.body)
        others_of, key = places(without)[number]
        (item,) = others_of[key][index : index + 1]
        others_of[key] = [item]
        its_own = messages(read(sample.platform, without, sample.settings))
        others_of[key] = [one for at, one in enumerate(container[key]) if at != index]
        others = read(sample.platform, without, sample.settings)
        if its_own & messages(others):  # one message told twice: what the two say is joined
            continue
        for broken in broken_at(json.loads(sample.body), number, index):
            assert not found(others) - found(read(sample.platform, broken, sample.settings))


def broken_at(body: Body, number: int, index: int) -> Iterator[Body]:
    """The body with one fault in one item of one list, for every place in it and every fault."""
    container, key = places(body)[number]
    inside = len(places([container[key][index]]))
    for at in range(inside):
        for value in BROKEN:
            broken = copy.deepcopy(body)
            items, name = places(broken)[number]
            holder = [items[name][index]]
            spoil(places(holder)[at], value)
            items[name][index : index + 1] = holder
            yield broken


# --- items of two deliveries in one ----------------------------------------------------------------------------


def joined(one: Any, other: Any) -> Any:
    """Two deliveries as the platform would batch them. Raises ValueError where it would not."""
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *other]
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: joined(one[key], other[key]) for key in one.keys() & other.keys()}
        return {**one, **other, **both}
    if one != other:
        raise ValueError
    return one


@cache
def batches(platform: str) -> list[tuple[WebhookSample, WebhookSample]]:
    """Pairs of deliveries that can come as one, about different messages."""
    pairs = []
    for one, other in permutations(webhook_samples(platform), 2):
        about = settings_of(one, other)
        bodies = json.loads(one.body), json.loads(other.body)
        first, second = (read(platform, body, about) for body in bodies)
        if not second.facts or messages(first) & messages(second):
            continue
        try:
            whole = read(platform, joined(*bodies), about)
        except ValueError:
            continue
        if found(whole) == found(first) + found(second):  # else they are envelopes of two kinds
            pairs.append((one, other))
    return pairs


def items_of(body: Body) -> list[list[Any]]:
    return [value for value in body.values() if isinstance(value, list) and value]


@pytest.mark.parametrize("platform", BATCHING)
def test_deliveries_can_be_batched(platform: str) -> None:
    assert batches(platform)


@pytest.mark.parametrize("platform", BATCHING)
def test_no_mutated_body_raises_or_takes_what_stands_beside_it(platform: str) -> None:
    chance = random.Random(platform)
    for _ in range(MUTATED_BODIES // len(HEARING)):
        one, other = chance.choice(batches(platform))
        about, neighbour = settings_of(one, other), json.loads(other.body)
        body = json.loads(one.body)
        for _ in range(chance.randint(1, 4)):
            lists = items_of(body)
            if lists:
                spoil(chance.choice(places(chance.choice(lists))), chance.choice(STRANGE))
        kept = found(read(platform, neighbour, about))
        assert not kept - found(read(platform, joined(body, neighbour), about)), body


@pytest.mark.parametrize("platform", SPEAKING_JSON)
def test_no_mutation_of_a_whole_body_raises_anything_undeclared(platform: str) -> None:
    chance = random.Random(platform)
    samples = webhook_samples(platform)
    for _ in range(MUTATED_BODIES // len(HEARING)):
        sample = chance.choice(samples)
        body = json.loads(sample.body)
        for _ in range(chance.randint(1, 3)):
            if at := places(body):
                spoil(chance.choice(at), chance.choice(STRANGE))
        for fact in read(platform, body, sample.settings).facts:
            json.dumps(plain(Parsed(facts=(fact,))), ensure_ascii=False).encode()
