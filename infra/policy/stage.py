"""The policies and the cases of one stage."""

import time
from dataclasses import dataclass

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.clock import back_off
from chalicelib.adapters.policies import TablePolicies
from chalicelib.ports.table import Table
from chalicelib.usecases import repolicy
from infra import records, target


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What `earshot policy` reads and writes."""

    store: TableCaseStore
    policies: TablePolicies

    def repolicy_ports(self) -> repolicy.Ports:
        return repolicy.Ports(store=self.store, promises=self.policies.promises(), jobs=self.policies, backoff=back_off)


def on_table(table: Table) -> Stage:
    return Stage(store=TableCaseStore(table), policies=TablePolicies(table, clock=time.monotonic))


def of(stage: str) -> Stage:
    """Raises Problem when the stage does not run."""
    return on_table(records.table(target.for_stage(stage)))
