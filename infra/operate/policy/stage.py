"""The policies and the cases of one stage."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.clock import back_off
from chalicelib.adapters.policies import TablePolicies
from chalicelib.domain.alerts.audience import Unheard
from chalicelib.domain.policy import PolicyBook
from chalicelib.ports.table import Table
from chalicelib.usecases import apply_policy
from infra.deploy import target
from infra.operate import records, subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStage:
    """What `earshot policy` reads and writes. `unheard` says which pages of a book would reach nobody."""

    store: TableCaseStore
    policies: TablePolicies
    unheard: Callable[[PolicyBook], tuple[Unheard, ...]] = lambda _book: ()

    def repolicy_ports(self) -> apply_policy.Ports:
        return apply_policy.Ports(
            store=self.store, promises=self.policies.promises(), jobs=self.policies, backoff=back_off
        )


def on_table(table: Table) -> PolicyStage:
    return PolicyStage(store=TableCaseStore(table), policies=TablePolicies(table, clock=time.monotonic))


def of(stage: str) -> PolicyStage:
    """Raises Problem when the stage does not run."""
    where = target.for_stage(stage)
    return replace(on_table(records.table(where)), unheard=lambda book: subscriptions.unheard_groups(where, book))
