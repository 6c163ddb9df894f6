"""The sweep as it is deployed: with its own package, its own permissions, and a clock that tests move."""

import json
from datetime import timedelta

import pytest

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.policies import TablePolicies
from chalicelib.config import APP
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.ports.cases import Commit, Labelled, PageStatus
from chalicelib.usecases import casework
from tests.localaws import START
from tests.usecases.sweeps import EVENT
from tests.usecases.test_sla_watch import an_answer
from tests.usecases.world import no_waiting

# A week before what other tests of the stack do: nothing of theirs is due then.
NOON = START - timedelta(days=7)


@pytest.fixture
def sweep_at(stack, clock_file):
    before = clock_file.read_text()

    def run(moment):
        clock_file.write_text(moment.isoformat())
        answer = stack.client("lambda").invoke(
            FunctionName=f"{APP}-{stack.stage}-sla_watch", Payload=json.dumps(EVENT).encode()
        )
        return answer.get("FunctionError"), answer["Payload"].read().decode()

    yield run
    clock_file.write_text(before)


def test_a_broken_promise_is_paged_and_an_answer_is_driven_again(stack, sweep_at):
    store = TableCaseStore(DynamoTable(stack.client("dynamodb"), stack.settings.table))
    promises = TablePolicies(DynamoTable(stack.client("dynamodb"), stack.settings.table), clock=lambda: 0.0).promises()
    mention = Fact(
        kind=FactKind.MENTION,
        platform="x",
        channel="x.main",
        account_id="900",
        message_id="700000001",
        received_at=NOON,
        author=Author(id="501", handle="ada"),
        text="no bag, no answer",
    )
    ports = casework.Ports(store=store, promises=promises, backoff=no_waiting, now=NOON)
    casework.take([Labelled(fact=mention)], ports)
    store.commit(Commit(at=NOON, replies=(an_answer(reply_id="lost", next_at=NOON),)))
    assert sweep_at(NOON + timedelta(minutes=61)) == (None, "null")
    page = store.page("frt:x|700000001|mention/0/breach/1/on-call")
    assert page is not None
    assert (page.status, page.sent_at) == (PageStatus.SENT, NOON + timedelta(minutes=61))
    answer = store.reply("lost")
    assert answer is not None
    assert answer.next_at is None or answer.next_at > NOON


def said(stack, text):
    """Log lines of the sweep that hold `text`."""
    logs, group = stack.client("logs"), f"/aws/lambda/{APP}-{stack.stage}-sla_watch"
    events = logs.filter_log_events(logGroupName=group).get("events", ())
    return [json.loads(event["message"]) for event in events if text in event["message"]]


def test_once_an_hour_the_deployed_sweep_finds_out_who_is_not_heard(stack, sweep_at):
    assert sweep_at(NOON + timedelta(hours=3)) == (None, "null")
    assert said(stack, "cannot be found out") == []
    groups = said(stack, "nobody hears pages")[-1]["groups"]
    assert "on-call" in groups
    assert said(stack, "UnheardGroups")[-1]["UnheardGroups"] == [len(groups)]
