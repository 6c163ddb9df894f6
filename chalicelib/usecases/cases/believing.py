"""
What is believed of what channels say about a message: the rules of `domain.testimony` on what is stored.

A deletion that came before its message waits as a tombstone. Which of those
count is seen when the message is reported.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from chalicelib.domain.events import from_fact
from chalicelib.domain.facts import Fact, FactKind
from chalicelib.domain.testimony import Testimony, same_report
from chalicelib.ports.cases import Address, CaseStore


def is_believed(fact: Fact, address: Address, store: CaseStore) -> bool:
    """Whether the fact agrees with what is known of the message at `address`, its own or a version of it."""
    known = address.testimony
    if known is None or known.may_be_touched_by(fact) or gives_way(address, fact):
        return True
    if fact.kind is not FactKind.MENTION or known.is_heard_by(fact) or not known.may_be_heard_by(fact):
        return False
    stored = _stored(fact, address, store)
    return stored is None or same_report(stored, fact)


def gives_way(address: Address, fact: Fact) -> bool:
    """
    Whether the address was claimed for a post of the brand that is in no case, by a channel that `fact` contradicts.

    Such a claim says nothing of any customer, and must not keep from us what one wrote, or how one was answered.
    """
    is_report = fact.kind in (FactKind.MENTION, FactKind.ANSWER)
    known = address.testimony
    return is_report and known is not None and address.case_id is None and not known.may_be_touched_by(fact)


def _stored(fact: Fact, address: Address, store: CaseStore) -> Fact | None:
    """The message as it was reported before; None while its case is just being joined with another."""
    if address.case_id is None:
        return None
    key = from_fact(fact).key
    _, known = store.case(address.case_id, event_keys=[key])
    return known[key].fact if key in known else None


def witnessed(address: Address, fact: Fact) -> Testimony | None:
    """
    Who has reported the message, with this report.

    None stays for what was claimed before that was kept: its first witness is not known.
    """
    if address.testimony is not None:
        return Testimony.of(fact) if gives_way(address, fact) else address.testimony.joined(fact)
    return None if address.is_claimed else Testimony.of(fact)


def deletions_waiting(addresses: Iterable[Address], store: CaseStore) -> Mapping[str, tuple[Fact, ...]]:
    """The deletions that wait for messages nobody has reported, by the id of the message."""
    buried = [address for address in addresses if address.deleted_at and not address.is_claimed]
    return {address.message_id: tuple(_deletions(address, store)) for address in buried}


def _deletions(address: Address, store: CaseStore) -> Iterable[Fact]:
    waiting = store.parked(address.platform, address.message_id)
    facts = (parked.item.fact for parked in waiting if parked.item)
    return (fact for fact in facts if fact.kind is FactKind.DELETE)


def deleted_at(fact: Fact, address: Address, deletions: Sequence[Fact]) -> datetime | None:
    """Since when the message that `fact` reports is deleted; `deletions` are those that waited at its address."""
    if address.is_claimed or not deletions:  # without any, they have expired before the tombstone
        return address.deleted_at
    said = Testimony.of(fact)
    return min((one.effective_at for one in deletions if said.may_be_touched_by(one)), default=None)


def is_deleted(fact: Fact, address: Address, deletions: Sequence[Fact]) -> bool:
    """Whether what the fact says of the message must be kept without its words."""
    return deleted_at(fact, address, deletions) is not None
