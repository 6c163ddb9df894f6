"""
An engine on the deployed stack: the functions read what is set, may ask it, and go on without it.

The local AWS has a model that answers in prose and calls no tool: whoever hears
"Unusable" has been let in by the policy, has asked, and believed nothing. What
the built-in engine said before stands.
"""

import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters import keys
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.classify import encoder
from chalicelib.domain.labels import UNLABELLED, Label, Urgency
from chalicelib.ports.cases import Labelled
from chalicelib.ports.engines import PARAMETER
from chalicelib.ports.messages import encode_mention
from infra.deploy.target import Target
from infra.operate import engine, records
from tests.localaws import START
from tests.usecases.world import wrote

PATIENCE_S = 60  # what is not set is asked for every half minute
LABELS = replace(UNLABELLED, engine="rules-1", urgency=Label(Urgency.NORMAL, 0.6))
_numbers = itertools.count(880_000)


@pytest.fixture
def bedrock(stack: Target) -> Iterator[Target]:
    engine.change(stack, {"choice": "bedrock", "model": "amazon.nova-micro-v1:0"})
    yield stack
    stack.client("ssm").delete_parameter(Name=f"{stack.settings.parameters}/{PARAMETER}")


def deliver(stack: Target, lane: str) -> str:
    """One mention on a lane; its id."""
    message_id = str(next(_numbers))
    fact = wrote(message_id, 0, thread_id=message_id, occurred_at=START, received_at=START)
    body = encode_mention(Labelled(fact=fact, labels=LABELS))
    stack.client("sqs").send_message(QueueUrl=stack.resources().queues[lane], MessageBody=body)
    return message_id


def eventually(look: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"nothing after {PATIENCE_S} s: {what}")


def said(stack: Target, function: str) -> list[dict[str, Any]]:
    """What a function's log says of engines."""
    group = f"/aws/lambda/earshot-local-{function}"
    events = stack.client("logs").filter_log_events(logGroupName=group)["events"]
    lines = [line for event in events for line in event["message"].splitlines() if '"engine"' in line]
    return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.mark.parametrize(("lane", "function"), [("mentions", "casework"), ("mentions-urgent", "casework_urgent")])
def test_a_model_that_means_nothing_is_asked_and_the_case_is_there(bedrock: Target, lane: str, function: str) -> None:
    store = TableCaseStore(records.table(bedrock))

    def taken() -> str | None:
        message_id = deliver(bedrock, lane)
        eventually(lambda: store.addresses("x", [message_id])[message_id].case_id, f"a case of {message_id}")
        return message_id if said(bedrock, function) else None

    message_id = eventually(taken, f"{function} asks the engine")
    assert {line["error"] for line in said(bedrock, function)} == {"Unusable: no call of the tool"}
    case, _ = store.case(store.addresses("x", [message_id])[message_id].case_id or "")
    assert case is not None
    [event] = store.events(case.case_id)
    assert event.labels is not None
    assert event.labels.engine == f"{encoder.ENGINE}+rules-1"  # from its layer; nothing of what the model said
    spent = records.table(bedrock).query(keys.spent("bedrock", START.date())[0]).items
    assert sum(item["day"] for item in spent) >= 1
