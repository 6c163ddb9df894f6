"""Answers that waited for something that people have mended go out at once, not when their delay is over."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.ports.cases import CaseStore, Commit, Conflict, ReplyStatus
from chalicelib.ports.messages import encode_reply
from chalicelib.ports.queues import Queues
from chalicelib.usecases.act import QUEUE


def redrive(channel: str, account_id: str | None, *, store: CaseStore, queues: Queues, now: datetime) -> int:
    """How many answers of the channel, or of one account on it, are tried again now. Safe to repeat."""
    found = 0
    for reply_id in store.replies_under_way():
        item = store.reply(reply_id)
        if item is None or item.status.is_final or item.channel != channel or account_id not in (None, item.account_id):
            continue
        if item.status is not ReplyStatus.SENDING:  # else somebody is at it
            with suppress(Conflict):  # deliver has taken it on
                store.commit(Commit(at=now, replies=(replace(item, retry_at=None, next_at=now),)))
        queues.send(QUEUE, [encode_reply(reply_id)])
        found += 1
    return found
