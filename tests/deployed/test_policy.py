"""A version of the promises whose author went away: the deployed sweep tells the open cases."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.adapters import keys
from chalicelib.config import APP
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.policies import default_toml
from chalicelib.ports.cases import Labelled
from chalicelib.ports.table import Delete
from chalicelib.usecases import casework
from infra.deploy.target import Target
from infra.operate import records
from infra.operate.policy import stage
from tests.localaws import START
from tests.usecases.sweeps import EVENT
from tests.usecases.world import no_waiting

# Far from the days of other tests, which share the table: what is closed here does not concern them.
NOON = START - timedelta(days=30)
CLOSED = [(NOON + timedelta(days=days)).date().isoformat() for days in range(2)]
MENTION = Fact(
    kind=FactKind.MENTION,
    platform="x",
    channel="x.main",
    account_id="900",
    message_id="600000001",
    received_at=NOON,
    author=Author(id="601", handle="ada"),
    text="no bag, no answer",
)


@pytest.fixture
def local(stack: Target) -> Iterator[stage.PolicyStage]:
    """The stage, with nobody having swept yet: the turns of other tests are later than ours."""
    table = records.table(stack)
    table.write([Delete(keys.lease("sla_watch"))])
    yield stage.on_table(table)
    table.write([Delete(keys.lease("sla_watch"))])


def sweep(stack: Target, clock_file: Path, at: datetime) -> None:
    before = clock_file.read_text()
    clock_file.write_text(at.isoformat())
    name = f"{APP}-{stack.stage}-sla_watch"
    answer = stack.client("lambda").invoke(FunctionName=name, Payload=json.dumps(EVENT).encode())
    clock_file.write_text(before)
    assert (answer.get("FunctionError"), answer["Payload"].read()) == (None, b"null")


def test_the_sweep_goes_on_with_the_job(stack: Target, clock_file: Path, local: stage.PolicyStage) -> None:
    ports = casework.Ports(store=local.store, promises=local.policies.promises(), backoff=no_waiting, now=NOON)
    casework.take([Labelled(fact=MENTION)], ports)
    version = max(one.version for one in local.policies.versions()) + 1
    document = default_toml().replace('hours = "24/7"', f'hours = "24/7"\nholidays = {json.dumps(CLOSED)}')
    local.policies.apply(version, document, at=NOON + timedelta(minutes=10), actor="lea")

    sweep(stack, clock_file, NOON + timedelta(minutes=11))
    case_id = local.store.addresses("x", ["600000001"])["600000001"].case_id
    assert case_id is not None
    case, _ = local.store.case(case_id)
    assert case is not None
    assert {clock.calendar_book for clock in case.state.running} == {version}

    sweep(stack, clock_file, NOON + timedelta(minutes=14))
    job = local.policies.job(version)
    assert job is not None
    assert (job.is_done, job.failures) == (True, 0)

    sweep(stack, clock_file, NOON + timedelta(minutes=61))
    assert local.store.page("frt:x|600000001|mention/0/breach/1/on-call") is None
