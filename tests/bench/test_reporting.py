"""The roll-ups that are counted have the cases before them that the table says."""

from datetime import timedelta

import pytest

from bench.reporting import closed_items, old_items
from bench.speed import PROMISES, START
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.rollups import TableRollups
from chalicelib.ports.table import Put
from chalicelib.usecases.report import SchedulePorts, roll_up_ended

MIDNIGHT = START.replace(hour=0)


@pytest.mark.parametrize("old", [0, 30])
def test_old_cases_are_passed_over_and_recent_ones_read_once(old):
    memory = MemoryTable()
    for item in (*old_items(old, START - timedelta(days=800)), *closed_items(5, MIDNIGHT - timedelta(hours=12))):
        memory.write([Put(item)])
    ports = SchedulePorts(
        store=TableCaseStore(memory), rollups=TableRollups(memory), promises=PROMISES, leases=TableLeases(memory)
    )
    first = roll_up_ended(ports, MIDNIGHT)
    again = roll_up_ended(ports, MIDNIGHT + timedelta(days=1))
    assert [(run.read, run.kept, run.days > 0) for run in (first, again)] == [(5, 0, True), (0, 5, True)]
