"""The flood is one: as many people as comments, none of them urgent; and the table says when it proves nothing."""

from datetime import UTC, datetime

import pytest

from bench import samples
from bench.lanes import (
    EMERGENCY,
    FLOOD,
    PAGE,
    Behind,
    Flooded,
    deliveries,
    delivery,
    ordinary,
    table,
)
from chalicelib import connectors
from chalicelib.domain.facts import FactKind
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import InboundRequest
from chalicelib.usecases.triage import is_urgent

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def parsed(body, platform="facebook", account=PAGE):
    request = InboundRequest(
        platform=platform,
        channel=f"{platform}.bench",
        method="POST",
        headers={},
        query={},
        body=body,
        received_at=NOW,
        request_id="r",
    )
    found = connectors.parser(platform).parse(request, ChannelSettings(accounts=frozenset({account})))
    assert not found.ignored
    return found.facts


def test_every_comment_is_somebody_elses_below_another_post():
    number, bodies = 21, list(deliveries(ordinary(21), 10))
    facts = [fact for body in bodies for fact in parsed(body)]
    assert len(bodies) == 3
    assert len({fact.message_id for fact in facts}) == number
    assert len({(fact.thread_id or fact.parent_id, fact.author.id) for fact in facts}) == number
    assert {fact.kind for fact in facts} == {FactKind.MENTION}


def test_the_flood_takes_the_ordinary_lane_and_the_emergency_does_not():
    facts = [fact for body in deliveries(ordinary(200), 50) for fact in parsed(body)]
    assert [fact.text for fact in facts if is_urgent(samples.labelled(fact))] == []
    [emergency] = parsed(delivery([EMERGENCY]))
    assert is_urgent(samples.labelled(emergency))


def test_the_echo_answers_its_question():
    [echo] = parsed(samples.echo(NOW, below="77"), "x", samples.BRAND)
    assert (echo.kind, echo.parent_id) == (FactKind.ANSWER, "77")
    assert is_urgent(samples.labelled(echo))


def flooded(number=FLOOD, *, arrived=(101.0, 101.5)):
    behind = [Behind(name=str(at), platform="x", message_id="1", routed=100.5, arrived=at) for at in arrived]
    times = {"began": 97.0, "accepted": 100.0, "routed": 104.0, "drained": 130.0}
    return Flooded(number=number, together=50, behind=behind, **times)


def test_times_count_from_the_last_webhook_of_the_flood():
    rows = table([flooded()]).rows
    assert rows == (
        ("101.0", 50, 0.5, 0.5, 1.0, 30.0),
        ("101.5", 50, 0.5, 1.0, 1.5, 20.0),
        ("the last of the flood", 50, 4.0, 26.0, 30.0, 1.0),
    )


@pytest.mark.parametrize(
    ("went", "said"),
    [
        (flooded(), "3.0 s; 20 times sooner, and 20 are wanted."),
        (flooded(arrived=(101.0, 103.0)), "3.0 s; NOT ENOUGH: 10 times sooner, and 20 are wanted."),
        (flooded(number=300, arrived=(103.0,)), "3.0 s; too small a flood for its ratio to prove anything."),
    ],
)
def test_the_slower_of_the_two_decides_and_a_small_flood_proves_nothing(went, said):
    assert table([went]).notes[-1].endswith(said)
