"""Answers on their way, from a command line: one is taken back, or those that waited for keys go out."""

from datetime import UTC, datetime
from uuid import uuid4

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.sqs import SqsQueues
from chalicelib.ports.connector.replying import Refused
from chalicelib.usecases import act
from chalicelib.usecases.cases.timeline import Overtaken
from chalicelib.usecases.redrive import redrive as drive
from infra.deploy.target import Target
from infra.operate import records
from infra.problem import Problem


def take_back(case_id: str, reply_id: str, *, by: str, stage: str) -> str:
    """The id of the case that the answer was in by now. Raises Problem, `joining.UnknownCase`."""
    request = act.ActRequest(intent=act.TakeBack(reply_id=reply_id), actor=by, idempotency_key=str(uuid4()))
    try:
        return act.act(case_id, request, ports=records.act_ports(stage), now=datetime.now(UTC)).case_id
    except (act.NotAllowed, Refused) as error:
        raise Problem(str(error), f"`earshot cases show {case_id} --stage {stage}`") from None
    except Overtaken:
        raise Problem("Others keep changing this case.", "wait a minute and look again") from None


def redrive(channel: str, account_id: str | None, where: Target) -> int:
    """How many answers waited; 0 on a stage that has no table yet."""
    try:
        queues = SqsQueues(where.client("sqs"), where.resources().queues)
    except Problem:
        return 0
    return drive(channel, account_id, store=TableCaseStore(records.table(where)), queues=queues, now=datetime.now(UTC))
