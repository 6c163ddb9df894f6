"""
A webhook of nobody's, followed through the local stage to its case, and both forgotten.

Only this shows that what is taken is also read: a function may answer, and its
queue may be one that nobody empties. Never on a stage where people work.
"""

import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from chalicelib.adapters import keys
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.config import LOCAL
from chalicelib.ports.table import MOST_WRITES, Delete, Table
from infra.demo import x
from infra.demo.airline import InventedPerson
from infra.deploy import queues
from infra.deploy.target import Target
from infra.operate import channels, records, webhooks
from infra.operate.finding import Finding, ok
from infra.problem import Problem, next_command

CHANNEL: Final = "x.main"
PATIENCE_S: Final = 60.0
LOOK_EVERY_S: Final = 0.1


def probe(target: Target) -> str:
    """What was seen, in words. Raises Problem saying how far it came."""
    began = time.monotonic()
    nobody = InventedPerson(id=str(secrets.randbits(60)), name="Probe", handle="earshot_probe")
    post = x.XPost(at=datetime.now(UTC), by=nobody, text="@larkspurair Is anybody there?")
    secret, _ = channels.verify_secret(target, CHANNEL, secrets.token_hex)
    _post(target, x.account_activity(post), secret)
    case_id = _arrived(target, post.id)
    took = time.monotonic() - began
    forget(records.table(target), case_id, post.id, nobody.id)
    return f"a webhook became a case in {took:.1f} s"


def _post(target: Target, body: bytes, secret: str) -> None:
    platform = channels.platform_of(CHANNEL)
    answer = webhooks.send(webhooks.url(target, CHANNEL), platform, body, secret)
    if answer.status != 200:
        raise Problem(f"A probe of {CHANNEL} was answered {answer.status}: {answer.body[:200]}", _look(target))


def _arrived(target: Target, message_id: str) -> str:
    store, deadline = TableCaseStore(records.table(target)), time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        address = store.addresses(channels.platform_of(CHANNEL), [message_id]).get(message_id)
        if address and address.case_id:
            return address.case_id
        time.sleep(LOOK_EVERY_S)
    held = ", ".join(f"{count} in {name}" for name, count in queues.on_their_way(target).items()) or "queues are empty"
    raise Problem(
        f"A probe of {CHANNEL} was taken, and is in no case after {PATIENCE_S:.0f} s ({held}).", _look(target)
    )


def _look(target: Target) -> str:
    return f"{next_command('doctor', target.stage)}, then read .local/emulator.log; `earshot up --fresh` begins anew"


def forget(table: Table, case_id: str, message_id: str, author_id: str) -> None:
    """Remove a probe's case, and that its author was ever there."""
    platform = channels.platform_of(CHANNEL)
    places = (keys.case(case_id)[0], keys.address(platform, message_id)[0], keys.author(platform, author_id))
    found = [item for place in places for item in table.query(place).items]
    gone = [Delete((item["pk"], item["sk"])) for item in found]
    gone.append(Delete(keys.conversation(platform, message_id, author_id)))
    for start in range(0, len(gone), MOST_WRITES):
        table.write(gone[start : start + MOST_WRITES])


def road(target: Target) -> Iterator[Finding]:
    """On the local stage, whether a webhook becomes a case; elsewhere that would be a case that people see."""
    if target.stage == LOCAL:
        yield ok(probe(target))
