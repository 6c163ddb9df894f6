"""What a person wrote in raw requests and dead letters: it is cut out of what holds others, too."""

import json
from dataclasses import replace
from typing import Final, Protocol

from chalicelib.domain.erasure import Person, pruned
from chalicelib.ports.dead_letters import DeadLetter, DeadLetters
from chalicelib.ports.erasure import RawBodies
from chalicelib.ports.inbound import InboundMessage, Malformed, decode, encode

QUEUES: Final = ("inbound", "mentions-urgent", "mentions", "forward", "pages")


class Letters(DeadLetters, Protocol):
    """Dead letters that can be written anew."""

    def bury(self, queue: str, body: str, error: str) -> None: ...


def prune_body(key: str, person: Person, bodies: RawBodies) -> bool:
    """Whether the request in the bucket held something of the person, which is gone now."""
    try:
        stored = bodies.get(key)
    except KeyError:
        return False
    left = _pruned(stored, person)
    if left == stored:
        return False
    if left is None:
        bodies.remove(key)
    else:
        bodies.put(key, left)
    return True


def concerns_body(key: str, person: Person, bodies: RawBodies) -> bool:
    try:
        stored = bodies.get(key)
    except KeyError:
        return False
    return _pruned(stored, person) != stored


def _pruned(stored: bytes, person: Person) -> bytes | None:
    """A request as it came, or with what we noted about it, as quarantine keeps it."""
    message = _message(stored.decode("utf-8", "replace"))
    if message is None or message.body is None:
        return pruned(stored, person)
    body = pruned(message.body, person)
    if body == message.body:
        return stored
    return None if body is None else encode(replace(message, body=body)).encode()


def _message(text: str) -> InboundMessage | None:
    try:
        return decode(text)
    except Malformed:
        return None


def prune_letters(queue: str, person: Person, letters: Letters) -> int:
    """How many dead letters of a queue held something of the person. All others are seen by everybody again."""
    kept: list[str] = []
    count = 0
    try:
        while batch := letters.receive(queue):
            for letter in batch:
                left = _letter(queue, letter, person)
                if left == letter.body:
                    kept.append(letter.receipt)
                    continue
                if left is not None:
                    letters.bury(queue, left, letter.error or "")
                letters.remove(queue, letter.receipt)
                count += 1
    finally:
        for receipt in kept:
            letters.put_back(queue, receipt)
    return count


def _letter(queue: str, letter: DeadLetter, person: Person) -> str | None:
    """What is left of it; None for nothing. A mention and a page are about one person."""
    if queue == "inbound":
        left = _pruned(letter.body.encode(), person)
        return left.decode() if left is not None else None
    return None if _names(letter.body, person) else letter.body


def _names(text: str, person: Person) -> bool:
    """As JSON within JSON may write it, too."""
    try:
        plain = json.dumps(json.loads(text), ensure_ascii=False)
    except (ValueError, RecursionError):
        plain = text
    return person.is_named_in(plain) or person.is_named_in(text)
