"""The watch of incidents as it is deployed, with its own rights and nothing else's."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from chalicelib.adapters import keys
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.incidents import TableIncidents
from chalicelib.adapters.signals import TableSignals
from chalicelib.config import APP
from chalicelib.domain.incidents.usual import Hour, comparable
from chalicelib.ports.table import Delete
from chalicelib.usecases.incident_watch import LEASE
from infra.deploy.target import Target
from tests.domain.incidents.people import LOGIN, several
from tests.usecases.sweeps import EVENT

PEOPLE = 40


def test_the_deployed_watch_finds_an_outage_and_calls_people(stack: Target, clock_file: Path) -> None:
    table = DynamoTable(stack.client("dynamodb"), stack.settings.table)
    signals, now = TableSignals(table), datetime.fromisoformat(clock_file.read_text())
    before = {one.incident_id for one in TableIncidents(table).listed(closed=False, limit=50).incidents}
    for begin in comparable(now)[:60]:
        signals.count(Hour(begin=begin, people=60, counts={"term:app": 1}))
    moved = now - timedelta(minutes=4)
    for number, one in enumerate(several(LOGIN, PEOPLE, first=70_000)):
        signals.keep(replace(one, at=moved - timedelta(seconds=number)))
    table.write([Delete(keys.lease(LEASE))])  # somebody may have had this minute
    answer = stack.client("lambda").invoke(
        FunctionName=f"{APP}-{stack.stage}-incident_watch", Payload=json.dumps(EVENT).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    listed = TableIncidents(table).listed(closed=False, limit=50).incidents
    found = [one for one in listed if one.people >= PEOPLE and one.incident_id not in before]
    assert len(found) == 1
    assert [call.step.value for call in found[0].calls] == ["crisis"]
    assert found[0].calls[0].sent_at is not None
