"""Two cases of a stage become one, from a command line: what that would do, and doing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

from chalicelib.adapters.clock import back_off
from chalicelib.usecases import merging
from chalicelib.usecases.act import NotAllowed
from chalicelib.usecases.cases.timeline import Overtaken
from infra.operate import records
from infra.problem import Problem, next_command
from infra.terminal import one_line


def foreseen(into: str, from_id: str, *, other_customer: bool, stage: str) -> Iterator[str]:
    """What would come of it, line by line. Raises Problem, `joining.UnknownCase`."""
    with _explained(into, stage):
        seen = merging.preview(into, from_id, other_customer=other_customer, ports=_ports(stage), now=datetime.now(UTC))
    yield from seen.words
    yield ""
    yield from (f"    {one_line(clock.text)}" for clock in seen.clocks)
    yield f"    The case is {seen.status.replace('_', ' ')} then."


def merge(into: str, from_id: str, *, by: str, other_customer: bool, stage: str) -> str:
    """The id of the case that stays. Raises Problem, `joining.UnknownCase`."""
    request = merging.MergeRequest(
        from_id=from_id, actor=by, idempotency_key=str(uuid4()), other_customer=other_customer
    )
    with _explained(into, stage):
        return merging.merge(into, request, ports=_ports(stage), now=datetime.now(UTC)).case_id


def _ports(stage: str) -> merging.Ports:
    return merging.Ports(store=records.cases(stage), promises=records.promises(stage), backoff=back_off)


@contextmanager
def _explained(into: str, stage: str) -> Iterator[None]:
    try:
        yield
    except merging.MergeRefused as error:
        how = (
            "--other-customer, if that is meant"
            if error.code == "other_customer"
            else next_command(f"cases show {into}", stage)
        )
        raise Problem(str(error), how) from None
    except NotAllowed as error:
        raise Problem(str(error), f"`earshot cases show {into} --stage {stage}`") from None
    except Overtaken:
        raise Problem("Others keep changing these cases.", "wait a minute and look again") from None
