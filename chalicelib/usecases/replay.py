"""
Give what could not be worked a second chance: quarantined requests back to `inbound`, dead letters to their queue.

Every message counts how often it was replayed; after five times only a person
who mends the cause should try again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.ports.dead_letters import DeadLetter, DeadLetters
from chalicelib.ports.inbound import encode
from chalicelib.ports.quarantine import Quarantine
from chalicelib.ports.queues import Queues

MOST_REPLAYS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What became of one item. `outcome`: sent, given_up (five times tried), gone (its body has expired), foreign."""

    name: str
    outcome: str
    detail: str = ""


def replay_quarantine(quarantine: Quarantine, queues: Queues, *, again: bool = False) -> Iterator[Replayed]:
    """All that waits now. Sent before it is released: a crash between the two sends it twice, which is harmless."""
    for entry in quarantine.waiting():
        if entry.replays >= MOST_REPLAYS and not again:
            yield Replayed(name=entry.request_id, outcome="given_up", detail=entry.reason)
            continue
        try:
            message = quarantine.message(entry)
        except KeyError:
            quarantine.release(entry)
            yield Replayed(name=entry.request_id, outcome="gone", detail=entry.reason)
            continue
        queues.send("inbound", [encode(replace(message, replays=entry.replays + 1))])
        quarantine.release(entry)
        yield Replayed(name=entry.request_id, outcome="sent", detail=entry.reason)


def replay_dead_letters(
    queue: str, letters: DeadLetters, queues: Queues, *, until: datetime, again: bool = False
) -> Iterator[Replayed]:
    """Only what was there at `until`: a letter that dies again is not taken twice in one run."""
    kept: list[str] = []
    try:
        while batch := letters.receive(queue):
            for letter in batch:
                if letter.buried_at > until:
                    kept.append(letter.receipt)
                    continue
                outcome = _replay_letter(queue, letter, queues, again=again)
                if outcome.outcome == "sent":
                    letters.remove(queue, letter.receipt)
                else:
                    kept.append(letter.receipt)
                yield outcome
    finally:
        for receipt in kept:
            letters.put_back(queue, receipt)


def _replay_letter(queue: str, letter: DeadLetter, queues: Queues, *, again: bool) -> Replayed:
    try:
        plain = json.loads(letter.body)
        replays = int(plain.get("replays", 0))
    except (ValueError, AttributeError, TypeError):
        return Replayed(name=queue, outcome="foreign", detail="not a message of ours")
    name = str(plain.get("request_id") or plain.get("reply_id") or queue)
    if replays >= MOST_REPLAYS and not again:
        return Replayed(name=name, outcome="given_up", detail=letter.error or "")
    queues.send(queue, [json.dumps({**plain, "replays": replays + 1}, separators=(",", ":"))])
    return Replayed(name=name, outcome="sent", detail=letter.error or "")
