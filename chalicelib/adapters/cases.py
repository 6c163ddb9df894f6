"""Cases in the one table: which record is which item. Satisfies `ports.cases.CaseStore` on any `ports.table.Table`."""

import heapq
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from math import ceil
from typing import Any

from chalicelib.adapters import keys
from chalicelib.adapters.customers import TableCustomers, check_unchanged, unchanged
from chalicelib.adapters.weights import shipped
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.clock import Clock
from chalicelib.domain.erasure import Seal, concerned, reaches
from chalicelib.domain.events import Event, from_fact
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.domain.priority import Score, Weights, pressing
from chalicelib.domain.priority import score as score_of
from chalicelib.ports.cases import (
    AckLink,
    Address,
    CaseRecord,
    CaseSummary,
    Commit,
    Conversation,
    DigestItem,
    DigestMember,
    DueEntry,
    DueKind,
    Looked,
    OpenCases,
    PageItem,
    Parked,
    ReplyItem,
)
from chalicelib.ports.json_codec import dumps, from_plain, loads, to_plain
from chalicelib.ports.table import MOST_READS, MOST_WRITES, Check, Delete, Item, Key, Put, Table, Write

# A placeholder must outlive every queue (14 days), the quarantine (14 days) and any poll that overlaps them.
PLACEHOLDER_LIFE = timedelta(days=90)


class TableCaseStore(TableCustomers):
    """The records of `ports.cases`, item by item. `weights` decide where a case stands in the list."""

    def __init__(self, table: Table, weights: Weights | None = None, *, seal: Seal | None = None) -> None:
        super().__init__(table, seal)
        self.weights = weights or shipped()

    # --- reads

    def addresses(self, platform: str, message_ids: Sequence[str]) -> Mapping[str, Address]:
        found = self._table.get([keys.address(platform, message_id) for message_id in message_ids])
        return {m: _read_address(platform, m, found.get(keys.address(platform, m))) for m in message_ids}

    def look(self, *, platform: str, message_ids: Sequence[str], conversation: tuple[str, str]) -> Looked:
        wanted = keys.conversation(platform, *conversation)
        found = self._table.get([*(keys.address(platform, m) for m in message_ids), wanted])
        return Looked(
            addresses={m: _read_address(platform, m, found.get(keys.address(platform, m))) for m in message_ids},
            conversation=_read_conversation(platform, conversation, found.get(wanted)),
        )

    def case(self, case_id: str, *, event_keys: Sequence[str] = ()) -> tuple[CaseRecord | None, Mapping[str, Event]]:
        state_key = keys.case(case_id)
        found = self._table.get([state_key, *(keys.event(case_id, key) for key in event_keys)])
        case = _read_case(case_id, found[state_key]) if state_key in found else None
        events = {key: found.get(keys.event(case_id, key)) for key in event_keys}
        return case, {key: _read_event(item) for key, item in events.items() if item}

    def cases(self, case_ids: Sequence[str]) -> tuple[CaseRecord, ...]:
        wanted = [keys.case(case_id) for case_id in case_ids]
        found = self._table.get(wanted) if wanted else {}
        return tuple(_read_case(pk.removeprefix(keys.CASES), found[pk, sk]) for pk, sk in wanted if (pk, sk) in found)

    def events(self, case_id: str) -> tuple[Event, ...]:
        pk, _ = keys.case(case_id)
        return tuple(_read_event(item) for item in self._table.query(pk, prefix=keys.EVENTS).items)

    def ended_clocks(self, case_id: str) -> tuple[Clock, ...]:
        pk, _ = keys.case(case_id)
        return tuple(loads(Clock, item["body"]) for item in self._table.query(pk, prefix=keys.CLOCKS).items)

    def parked(self, platform: str, message_id: str) -> tuple[Parked, ...]:
        pk, _ = keys.address(platform, message_id)
        return tuple(loads(Parked, item["body"]) for item in self._table.query(pk, prefix=keys.PARKED).items)

    def reply(self, reply_id: str) -> ReplyItem | None:
        item = self._one(keys.reply(reply_id))
        return replace(loads(ReplyItem, item["body"]), version=item["version"]) if item else None

    def replies_under_way(self) -> Iterator[str]:
        for partition in keys.due_partitions():
            more: str | None = None
            while True:
                page = self._table.query_index("due", partition, more=more)
                yield from (entry.id for entry in map(_read_due, page.items) if entry.kind is DueKind.REPLY)
                more = page.more
                if more is None:
                    break

    def page(self, page_id: str) -> PageItem | None:
        item = self._one(keys.page(page_id))
        return replace(loads(PageItem, item["body"]), version=item["version"]) if item else None

    def digest(self, digest_id: str) -> DigestItem | None:
        item = self._one(keys.digest(digest_id))
        return replace(loads(DigestItem, item["body"]), version=item["version"]) if item else None

    def digest_members(self, digest_id: str) -> tuple[DigestMember, ...]:
        pk, _ = keys.digest(digest_id)
        return tuple(loads(DigestMember, item["body"]) for item in self._table.query(pk, prefix=keys.MEMBERS).items)

    def link(self, code_hash: str) -> AckLink | None:
        item = self._one(keys.link(code_hash))
        return loads(AckLink, item["body"]) if item else None

    def _one(self, key: Key) -> Item | None:
        return self._table.get([key]).get(key)

    def due(self, now: datetime, *, limit: int) -> tuple[DueEntry, ...]:
        up_to = f"{keys.instant(now)}#~"  # "~" sorts after every partition key, so all of the second `now` is in
        items = [
            item
            for partition in keys.due_partitions()
            for item in self._table.query_index("due", partition, up_to=up_to, limit=limit).items
        ]
        items.sort(key=lambda item: item["due_sk"])
        return tuple(_read_due(item) for item in items[:limit])

    def list(self, *, closed: bool, limit: int) -> tuple[CaseSummary, ...]:
        """Each shard is read on only while it holds the next case: `limit` from each would be eight lists for one."""
        partitions = keys.list_partitions(closed=closed)
        at_once = ceil(limit / len(partitions)) * 2  # a shard rarely has twice its share
        shards = [self._listed(partition, at_once) for partition in partitions]
        merged = heapq.merge(*shards, key=lambda item: item["list_sk"])
        return tuple(loads(CaseSummary, item["summary"]) for item in islice(merged, limit))

    def _listed(self, partition: str, at_once: int) -> Iterator[Item]:
        more: str | None = None
        while True:
            page = self._table.query_index("list", partition, limit=at_once, more=more)
            yield from page.items
            if (more := page.more) is None:
                return

    def open_cases(self, *, limit: int, more: str | None = None) -> OpenCases:
        partitions = keys.list_partitions(closed=False)
        shard, _, rest = (more or "0:").partition(":")
        page = self._table.query_index("list", partitions[int(shard)], limit=limit, more=rest or None)
        cases = self.cases([item["pk"].removeprefix(keys.CASES) for item in page.items])
        if page.more:
            return OpenCases(cases, f"{shard}:{page.more}")
        return OpenCases(cases, f"{int(shard) + 1}:" if int(shard) + 1 < len(partitions) else None)

    def author_cases(self, platform: str, author_key: str) -> tuple[str, ...]:
        items = self._table.query(keys.author(platform, author_key), prefix=keys.CASES).items
        return tuple(item["case_id"] for item in items)

    def erased(self, facts: Sequence[Fact]) -> tuple[bool, ...]:
        if self._seal is None:
            return (False,) * len(facts)
        wanted = [_erased_keys(fact, self._seal) for fact in facts]
        every = list(dict.fromkeys(key for people, messages in wanted for key in (*people, *messages)))
        found: dict[Key, datetime] = {}
        for begin in range(0, len(every), MOST_READS):
            items = self._table.get(every[begin : begin + MOST_READS])
            found |= {key: datetime.fromisoformat(item["at"]) for key, item in items.items()}
        return tuple(
            any(key in found for key in messages) or any(reaches(found[key], fact) for key in people if key in found)
            for fact, (people, messages) in zip(facts, wanted, strict=True)
        )

    # --- the write

    def commit(self, commit: Commit) -> None:
        writes = list(_writes(commit, self.weights, self._seal))
        # Clocks that ended follow from the events: written early and then again, they come out the same.
        derived = (
            [write for write in writes if write.key[1].startswith(keys.CLOCKS)] if len(writes) > MOST_WRITES else []
        )
        for begin in range(0, len(derived), MOST_WRITES):
            self._table.write(derived[begin : begin + MOST_WRITES])
        self._table.write([write for write in writes if write not in derived])


def _erased_keys(fact: Fact, seal: Seal) -> tuple[list[Key], list[Key]]:
    people, messages = concerned(fact)
    return (
        [keys.erased(seal.person(fact.platform, author_key)) for author_key in people],
        [keys.erased(seal.message(fact.platform, message_id)) for message_id in messages],
    )


def _writes(commit: Commit, weights: Weights, seal: Seal | None) -> Iterator[Write]:
    if commit.case:
        yield _put_case(commit.case, weights)
        yield from (_put_event(commit.case.case_id, event) for event in commit.events)
        yield from (_put_clock(commit.case.case_id, clock) for clock in commit.ended_clocks)
        yield from (Delete(keys.clock(commit.case.case_id, clock_id)) for clock_id in commit.gone_clocks)
        if commit.history:
            yield _put_history(commit.case, commit.history)
    if commit.unchanged_case:
        yield Check(keys.case(commit.unchanged_case.case_id), unchanged(commit.unchanged_case.version))
    if commit.moved_from:
        yield from (Delete(keys.event(commit.moved_from, event_key)) for event_key in commit.moved_keys)
    yield from (_put_address(address, commit.at) for address in commit.addresses)
    yield from (_check_address(address) for address in commit.unchanged_addresses)
    if commit.conversation:
        yield _put_conversation(commit.conversation)
    if commit.known:
        yield from check_unchanged(commit.known, seal)
    yield from (Put(_parked_item(parked, commit.at)) for parked in commit.parked)
    yield from _checks_of_parked(commit.parked, seal)
    yield from (put for parked in commit.parked for put in _ways_to_parked(parked, commit.at))
    yield from (Delete(_parked_key(parked)) for parked in commit.unparked)
    yield from (Delete(put.key) for parked in commit.unparked for put in _ways_to_parked(parked, commit.at))
    yield from (_put_due(keys.reply(reply.reply_id), reply, reply.version, reply.next_at) for reply in commit.replies)
    yield from (_put_due(keys.page(page.page_id), page, page.version, page.next_at) for page in commit.pages)
    yield from (_put_link(link) for link in commit.links)
    yield from _digest_writes(commit)


# --- one record, one item


def _put_case(case: CaseRecord, weights: Weights) -> Put:
    pk, sk = keys.case(case.case_id)
    kept = replace(case.state, clocks=case.state.running)
    item: dict[str, Any] = {
        "pk": pk,
        "sk": sk,
        "version": case.version + 1,
        "platform": case.platform,
        "thread_id": case.thread_id,
        "author_key": case.author_key,
        "merged_into": case.merged_into,
        "is_moving": case.is_moving or None,
        "state": dumps(kept),
    }
    if case.next_at:
        item |= keys.due_entry(case.next_at, pk)
    if case.merged_into is None and case.state.opened_at:
        item |= _listing(case, weights)
    return Put(item, unchanged(case.version))


def _listing(case: CaseRecord, weights: Weights) -> dict[str, Any]:
    score = score_of(case.state, weights)
    entry = keys.list_entry(case.case_id, closed=case.state.is_closed, waits=score.waits, stands_at=score.stands_at)
    return {"summary": dumps(_summary(case, score)), **entry}


def _summary(case: CaseRecord, score: Score) -> CaseSummary:
    """The case as a line of the list."""
    state = case.state
    author, due = state.author, pressing(state)
    return CaseSummary(
        case_id=case.case_id,
        platform=case.platform,
        channel=state.channel,
        status=state.status.value,
        priority=state.effective_priority.value,
        author=author.called if author else "",
        followers=author.followers if author else None,
        text=state.latest_text,
        opened_at=state.opened_at or score.since,
        waiting_since=state.waiting_since,
        due_at=due.due_at if due else None,
        due=due.metric.value if due else None,
        breached=bool(state.alerts),
        assignee=state.assignee,
        messages=state.messages,
        private=state.private,
        why=state.words,
        last_at=state.last[0] if state.last else None,
        is_running=bool(state.running),
        unjudged=state.unjudged,
        version=case.version + 1,
        reasons=score.reasons,
    )


def _read_case(case_id: str, item: Item) -> CaseRecord:
    return CaseRecord(
        case_id=case_id,
        platform=item["platform"],
        thread_id=item["thread_id"],
        author_key=item["author_key"],
        merged_into=item.get("merged_into"),
        is_moving=item.get("is_moving", False),
        state=loads(CaseState, item["state"]),
        next_at=keys.due_at(item["due_sk"]) if "due_sk" in item else None,
        version=item["version"],
    )


def _put_event(case_id: str, event: Event) -> Put:
    """What a fact says itself is not said again: an event below 1,024 bytes costs half of one above."""
    pk, sk = keys.event(case_id, event.key)
    if event.fact is None:
        return Put({"pk": pk, "sk": sk, "body": dumps(event)})
    own = {name: value for name, value in to_plain(event).items() if name not in _SAID_BY_THE_FACT}
    own["fact"].pop("text", None)
    return Put({"pk": pk, "sk": sk, "body": json.dumps(own, sort_keys=True, **_COMPACT), "text": event.fact.text})


def _read_event(item: Item) -> Event:
    plain = json.loads(item["body"])
    if "fact" not in plain:
        return from_plain(Event, plain)
    fact = from_plain(Fact, plain["fact"] | ({"text": item["text"]} if "text" in item else {}))
    return from_plain(Event, {**to_plain(from_fact(fact)), **plain, "fact": to_plain(fact)})


def _put_clock(case_id: str, clock: Clock) -> Put:
    pk, sk = keys.clock(case_id, clock.id)
    return Put({"pk": pk, "sk": sk, "body": dumps(clock)})


def _put_history(case: CaseRecord, author: Author) -> Put:
    assert case.state.opened_at is not None  # noqa: S101  history is written when a case opens
    pk, sk = keys.author_case(case.platform, case.author_key, case.state.opened_at, case.case_id)
    return Put({"pk": pk, "sk": sk, "case_id": case.case_id, "profile": dumps(author)})


_SAID_BY_THE_FACT = frozenset({"kind", "platform", "native_id", "at", "received_at"})
_COMPACT: Any = {"separators": (",", ":"), "ensure_ascii": False}
_ADDRESS_KEY = ("platform", "message_id")  # the item's own key says these


def _put_address(address: Address, at: datetime) -> Put:
    pk, sk = keys.address(address.platform, address.message_id)
    body = {name: value for name, value in to_plain(replace(address, version=0)).items() if name not in _ADDRESS_KEY}
    item = {"pk": pk, "sk": sk, "version": address.version + 1, "body": json.dumps(body, sort_keys=True)}
    if not address.is_claimed:
        item["expires_at"] = _expiry(at)
    return Put(item, unchanged(address.version))


def _check_address(address: Address) -> Check:
    return Check(keys.address(address.platform, address.message_id), unchanged(address.version))


def _read_address(platform: str, message_id: str, item: Item | None) -> Address:
    if item is None:
        return Address(platform=platform, message_id=message_id)
    body = {**json.loads(item["body"]), "platform": platform, "message_id": message_id, "version": item["version"]}
    return from_plain(Address, body)


def _put_conversation(conversation: Conversation) -> Put:
    pk, sk = keys.conversation(conversation.platform, conversation.thread_id, conversation.author_key)
    item = {"pk": pk, "sk": sk, "case_id": conversation.case_id, "version": conversation.version + 1}
    return Put(item, unchanged(conversation.version))


def _read_conversation(platform: str, conversation: tuple[str, str], item: Item | None) -> Conversation:
    thread_id, author_key = conversation
    empty = Conversation(platform=platform, thread_id=thread_id, author_key=author_key)
    return replace(empty, case_id=item["case_id"], version=item["version"]) if item else empty


def _checks_of_parked(parked: Sequence[Parked], seal: Seal | None) -> Iterator[Check]:
    """A fact that waits for a message which is erased at this moment would wait there with its text."""
    waiting = {keys.erased(seal.message(one.platform, one.message_id)) for one in parked if one.item} if seal else set()
    yield from (Check(key, {"pk": None}) for key in sorted(waiting))


def _ways_to_parked(parked: Parked, at: datetime) -> Iterator[Put]:
    """So that whoever erases the person finds it: the message that it waits for may never be reported."""
    fact = parked.item.fact if parked.item else None
    if fact is None:
        return
    author_key = fact.customer_id if fact.kind is FactKind.ANSWER else fact.author.id if fact.author else None
    if author_key:
        way, (pk, sk) = keys.waiting(parked.platform, author_key, parked.message_id, parked.key), _parked_key(parked)
        yield Put({"pk": way[0], "sk": way[1], "parked_pk": pk, "parked_sk": sk, "expires_at": _expiry(at)})


def _parked_key(parked: Parked) -> Key:
    return keys.parked(parked.platform, parked.message_id, parked.key)


def _parked_item(parked: Parked, at: datetime) -> Item:
    pk, sk = _parked_key(parked)
    return {"pk": pk, "sk": sk, "body": dumps(parked), "expires_at": _expiry(at)}


def _expiry(at: datetime) -> int:
    return int((at + PLACEHOLDER_LIFE).timestamp())


def _read_due(item: Item) -> DueEntry:
    kind, _, record_id = item["pk"].partition("#")
    return DueEntry(at=keys.due_at(item["due_sk"]), kind=DueKind(kind.lower()), id=record_id)


def _digest_writes(commit: Commit) -> Iterator[Write]:
    yield from (_put_due(keys.digest(one.digest_id), one, one.version, one.next_at) for one in commit.digests)
    yield from (Check(keys.digest(one.digest_id), unchanged(one.version)) for one in commit.open_digests)
    for member in commit.joining:
        pk, sk = _member_key(member)
        yield Put({"pk": pk, "sk": sk, "body": dumps(member)})
    yield from (Delete(_member_key(member)) for member in commit.leaving)


def _member_key(member: DigestMember) -> Key:
    return keys.digest_member(member.digest_id, member.clock_id, member.generation)


def _put_link(link: AckLink) -> Put:
    pk, sk = keys.link(link.code_hash)
    return Put({"pk": pk, "sk": sk, "body": dumps(link), "expires_at": int(link.expires_at.timestamp())})


def _put_due(key: Key, record: ReplyItem | PageItem | DigestItem, version: int, next_at: datetime | None) -> Put:
    """A record that stands in the due index itself until it is done."""
    pk, sk = key
    item: dict[str, Any] = {"pk": pk, "sk": sk, "version": version + 1, "body": dumps(replace(record, version=0))}
    if next_at:
        item |= keys.due_entry(next_at, pk)
    return Put(item, unchanged(version))
