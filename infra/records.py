"""The stage's table, as the functions use it."""

import time

from chalicelib import connectors
from chalicelib.adapters import clock
from chalicelib.adapters.access import TableUsers
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.clock import back_off
from chalicelib.adapters.documents import TableDocuments
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.adapters.incidents import TableIncidents
from chalicelib.adapters.policies import TablePolicies
from chalicelib.adapters.quarantine import TableQuarantine
from chalicelib.adapters.rollups import TableRollups
from chalicelib.adapters.s3 import S3Bodies
from chalicelib.adapters.sqs import SqsQueues
from chalicelib.ports.policies import Promises
from chalicelib.ports.table import Table
from chalicelib.usecases import act, answer_all, incidents, remember
from infra import target


def table(where: target.Target) -> Table:
    """The one table. A stage without it is found out at the first read."""
    return DynamoTable(where.client("dynamodb"), where.settings.table)


def cases(stage: str) -> TableCaseStore:
    """Raises Problem when the stage does not run."""
    return TableCaseStore(table(target.for_stage(stage)))


def promises(stage: str) -> Promises:
    """The policies, as every version has them. Raises Problem when the stage does not run."""
    return TablePolicies(table(target.for_stage(stage)), clock=time.monotonic).promises()


def remember_ports(stage: str) -> remember.Ports:
    """Raises Problem when the stage does not run."""
    store = cases(stage)
    return remember.Ports(store=store, promises=promises(stage), backoff=clock.back_off, tiers=store.weights.tiers)


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


def users(where: target.Target) -> TableUsers:
    return TableUsers(table(where))
