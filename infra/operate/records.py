"""The stage's table, as the functions use it."""

import json
import time
from collections.abc import Callable

from chalicelib import connectors
from chalicelib.adapters import clock
from chalicelib.adapters.access import TableUsers
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.clock import back_off
from chalicelib.adapters.documents import TableDocuments
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.erasure import TableTraces
from chalicelib.adapters.incidents import TableIncidents
from chalicelib.adapters.policies import TablePolicies
from chalicelib.adapters.quarantine import TableQuarantine
from chalicelib.adapters.rollups import TableRollups
from chalicelib.adapters.s3 import S3Bodies, S3Ledger
from chalicelib.adapters.signs import TableSigns
from chalicelib.adapters.sqs import SqsDeadLetters, SqsQueues
from chalicelib.domain.erasure import Seal
from chalicelib.ports.policies import Promises
from chalicelib.ports.table import Table, WholeTable
from chalicelib.usecases import act, answer_all, customer_record, erase, incidents
from infra.deploy import target
from infra.problem import Problem


def whole_table(where: target.Target) -> WholeTable:
    """The one table. A stage without it is found out at the first read."""
    return DynamoTable(where.client("dynamodb"), where.settings.table)


def table(where: target.Target) -> Table:
    """As functions have it."""
    return whole_table(where)


def cases(stage: str) -> TableCaseStore:
    """Raises Problem when the stage does not run."""
    return TableCaseStore(table(target.for_stage(stage)))


def promises(stage: str) -> Promises:
    """The policies, as every version has them. Raises Problem when the stage does not run."""
    return TablePolicies(table(target.for_stage(stage)), clock=time.monotonic).promises()


def remember_ports(stage: str) -> customer_record.Ports:
    """Raises Problem when the stage does not run."""
    store = cases(stage)
    return customer_record.Ports(
        store=store, promises=promises(stage), backoff=clock.back_off, tiers=store.weights.tiers
    )


def signs(where: target.Target) -> TableSigns:
    return TableSigns(table(where))


def rollups(stage: str) -> TableRollups:
    """Raises Problem when the stage does not run."""
    return TableRollups(table(target.for_stage(stage)))


def documents(stage: str) -> TableDocuments:
    """Settings that people edit. Raises Problem when the stage does not run."""
    return TableDocuments(table(target.for_stage(stage)))


def incident_ports(stage: str) -> incidents.Ports:
    """Raises Problem when the stage does not run."""
    its_table = table(target.for_stage(stage))
    return incidents.Ports(incidents=TableIncidents(its_table), store=TableCaseStore(its_table), backoff=back_off)


def answer_ports(stage: str) -> answer_all.Ports:
    """Raises Problem when the stage does not run."""
    its_table = table(target.for_stage(stage))
    return answer_all.Ports(incidents=TableIncidents(its_table), acting=act_ports(stage))


def act_ports(stage: str) -> act.Ports:
    """Raises Problem when the stage does not run."""
    where = target.for_stage(stage)
    its_table = table(where)
    return act.Ports(
        store=TableCaseStore(its_table),
        promises=TablePolicies(its_table, clock=time.monotonic).promises(),
        backoff=back_off,
        queues=SqsQueues(where.client("sqs"), where.resources().queues),
        users=TableUsers(its_table),
        replier=lambda platform: connectors.reply(platform) if connectors.has(platform, "reply") else None,
    )


def quarantine(where: target.Target) -> TableQuarantine:
    """Raises Problem when the stage has no resources."""
    return TableQuarantine(table(where), S3Bodies(where.client("s3"), where.resources().bucket))


def erasing_ports(
    where: target.Target, *, tell: Callable[[str], None] = lambda _line: None, table_name: str | None = None
) -> erase.Ports:
    """Of the whole stage, bucket and dead letters among it; of another table where one was restored. Raises Problem."""
    key = where.parameter(f"{where.settings.parameters}/erasing")
    if key is None:
        raise Problem(f"Stage {where.stage} was deployed before people could be erased.", where.how_to_deploy)
    seal = Seal(bytes.fromhex(json.loads(key)["key"]))
    its_table = DynamoTable(where.client("dynamodb"), table_name) if table_name else whole_table(where)
    resources = where.resources()
    return erase.Ports(
        traces=TableTraces(its_table, seal),
        store=TableCaseStore(its_table, seal=seal),
        rollups=TableRollups(its_table),
        promises=TablePolicies(its_table, clock=time.monotonic).promises(),
        backoff=back_off,
        seal=seal,
        ledger=S3Ledger(where.client("s3"), resources.bucket),
        bodies=S3Bodies(where.client("s3"), resources.bucket),
        letters=SqsDeadLetters(where.client("sqs"), resources.queues),
        tell=tell,
    )


def users(where: target.Target) -> TableUsers:
    return TableUsers(table(where))
