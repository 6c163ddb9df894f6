"""People's traces in the one table. Satisfies `ports.erasure.Traces` on any `ports.table.Table`."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from chalicelib.adapters import keys
from chalicelib.adapters.cases import PLACEHOLDER_LIFE, TableCaseStore
from chalicelib.adapters.fixes import TableFixes
from chalicelib.adapters.incidents import TableIncidents
from chalicelib.adapters.inventory import kind_of
from chalicelib.adapters.rollups import gone_puts
from chalicelib.domain.erasure import Person, Seal, nameless
from chalicelib.domain.events import Event, EventKind
from chalicelib.domain.incidents.incident import Incident, Member
from chalicelib.domain.incidents.signals import who_of
from chalicelib.ports.customers import Customer
from chalicelib.ports.erasure import Order, Trace
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.rollups import CaseLines
from chalicelib.ports.table import MOST_READS, MOST_WRITES, Delete, Item, Key, Put, WholeTable, Write

_TOGETHER: Final = 25  # deletes in one transaction
_PAGES: Final = frozenset(
    {EventKind.WARNED, EventKind.PAGED, EventKind.NOTICE, EventKind.WINDOW_TOLD, EventKind.PAGE_DROPPED}
)
_INCIDENTS_AT_ONCE: Final = 100


class TableTraces:
    """The keys of what is found elsewhere follow from the timeline: nothing but `customers` reads the whole table."""

    def __init__(self, table: WholeTable, seal: Seal) -> None:
        self._table = table
        self._seal = seal
        self._store = TableCaseStore(table)
        self._incidents = TableIncidents(table)

    # --- reads

    def trace(self, case_id: str) -> Trace:
        case, _ = self._store.case(case_id)
        return Trace(case_id, case, self._store.events(case_id))

    def case_ids(self, customer: Customer) -> tuple[str, ...]:
        return self._store.author_cases(customer.platform, customer.author_key)

    def held(self, customer: Customer, traces: Sequence[Trace]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        wanted = [
            *(key for one in traces for key in (*self._partition(keys.case(one.case_id)[0]), *self._conversation(one))),
            *(key for one in traces for key in self._elsewhere(one, one.events)),
            *self._partition(keys.author(customer.platform, customer.author_key)),
            *self._partition(keys.changes(customer.platform, customer.author_key)),
            *self._partition(keys.waits(customer.platform, customer.author_key)),
            *(key for one in traces for key, _ in self._memberships(one.case_id)),
        ]
        found: dict[str, list[Mapping[str, Any]]] = {}
        for key, item in self._get(wanted).items():
            found.setdefault(kind_of(key).what, []).append(_readable(item))
        return found

    def customers(self) -> Iterator[Customer]:
        seen: set[str] = set()
        more: str | None = None
        while True:
            page = self._table.scan(more=more)
            for item in page.items:
                pk = item["pk"]
                if pk.startswith((keys.AUTHORS, keys.CHANGES)) and pk not in seen:
                    seen.add(pk)
                    platform, _, author_key = pk.partition("#")[2].partition("#")
                    yield Customer(platform=platform, author_key=author_key)
            more = page.more
            if more is None:
                return

    # --- the order

    def orders(self) -> tuple[Order, ...]:
        items = self._table.query(keys.ERASING).items
        return tuple(replace(loads(Order, item["body"]), version=item["version"]) for item in items)

    def save_order(self, order: Order) -> None:
        pk, sk = self._order_key(order)
        item = {"pk": pk, "sk": sk, "version": order.version + 1, "body": dumps(replace(order, version=0))}
        self._table.write([Put(item)])

    def close_order(self, order: Order) -> None:
        self._table.write([Delete(self._order_key(order))])

    def _order_key(self, order: Order) -> Key:
        return keys.erasing(self._seal.person(order.customer.platform, order.customer.author_key))

    # --- writes

    def bury(self, customer: Customer, message_ids: Sequence[str], at: datetime) -> None:
        """Of a person for good; of a message as long as of any other that nobody has reported."""
        person = keys.erased(self._seal.person(customer.platform, customer.author_key))
        before = self._table.get([person]).get(person)
        said = max(keys.instant(at), before["at"] if before else "")
        marks: list[Write] = [Put({"pk": person[0], "sk": person[1], "at": said})]
        expires_at = int((at + PLACEHOLDER_LIFE).timestamp())
        for message_id in message_ids:
            pk, sk = keys.erased(self._seal.message(customer.platform, message_id))
            marks.append(Put({"pk": pk, "sk": sk, "at": keys.instant(at), "expires_at": expires_at}))
        self._write(marks)

    def clear(self, trace: Trace, events: Sequence[Event]) -> None:
        self._delete(self._elsewhere(trace, events))

    def leave_conversation(self, trace: Trace, person: Person) -> None:
        if trace.case and trace.case.author_key == person.author_key:
            self._delete(self._conversation(trace))

    def drop_waiting(self, customer: Customer) -> None:
        pk = keys.waits(customer.platform, customer.author_key)
        for item in self._table.query(pk).items:
            message_pk, sk = item["parked_pk"], item["parked_sk"]
            stand = self._table.query(message_pk).items
            others = [one for one in stand if one["sk"] not in (sk, keys.ONLY)]
            address = json.loads(next((one["body"] for one in stand if one["sk"] == keys.ONLY), "{}"))
            is_empty = not others and not address.get("thread_id") and not address.get("case_id")
            gone = [(message_pk, sk), *([(message_pk, keys.ONLY)] if is_empty else []), (pk, item["sk"])]
            self._table.write([Delete(key) for key in gone])

    def unlink(self, case_id: str, person: Person, *, keeps_case: bool = False) -> None:
        stands_for = case_id if keeps_case else self._seal.case(case_id)
        for key, item in self._memberships(case_id):
            if key[0].startswith(keys.INCIDENT):
                self._rename_member(key, item, stands_for, person)
            else:
                self._rename_seen(key, item, stands_for, person)
        for key, item in self._mentions_of(case_id, person):
            body = item["body"] if keeps_case else item["body"].replace(case_id, stands_for)
            if key[1] == keys.ONLY:
                body = dumps(replace(nameless(loads(Incident, body), person), version=0))
            if body != item["body"]:
                self._table.write([Put({**item, "body": body, "version": item["version"] + 1}, _unchanged(item))])

    def drop_case(self, trace: Trace, lines: CaseLines, customer: Customer) -> None:
        pk, _ = keys.case(trace.case_id)
        if trace.case:
            together: list[Write] = [
                Delete(keys.case(trace.case_id), {"version": trace.case.version}),
                Delete(keys.lines(trace.case_id)),
                Delete(keys.case_incident(trace.case_id)),
                *(Delete(key) for key in self._conversation(trace)),
            ]
            puts = list(gone_puts(self._seal.case(trace.case_id), lines))
            for begin in range(MOST_WRITES - len(together), len(puts), MOST_WRITES):
                self._table.write(puts[begin : begin + MOST_WRITES])
            self._table.write([*together, *puts[: MOST_WRITES - len(together)]])
        left = self._partition(pk)
        self._delete(key for key in left if not key[1].startswith(keys.EVENTS))
        self._delete(key for key in left if key[1].startswith(keys.EVENTS))
        entries = self._partition(keys.author(customer.platform, customer.author_key))
        self._delete(key for key in entries if key[1].endswith(f"#{trace.case_id}"))

    def drop_record(self, customer: Customer, until: datetime) -> None:
        if any(change.at > until for change in self._store.changes(customer)):
            return
        self._delete([keys.profile(customer.platform, customer.author_key)])
        self._delete(self._partition(keys.changes(customer.platform, customer.author_key)))

    def drop_list(self, customer: Customer, until: datetime) -> None:
        last = f"{keys.CASES}{keys.instant(until)}#~"  # "~" sorts after every id, so all of the second `until` is in
        entries = self._partition(keys.author(customer.platform, customer.author_key))
        self._delete(key for key in entries if key[1].startswith(keys.CASES) and key[1] <= last)

    # --- where the rest stands

    def _elsewhere(self, trace: Trace, events: Sequence[Event]) -> list[Key]:
        """Keys outside of the case that events of it lead to; they may be gone already."""
        found: dict[Key, None] = {}
        for event in events:
            if event.kind is EventKind.MENTION:
                found[keys.signal(event.at, event.key)] = None
            if event.kind in _PAGES:
                found |= dict.fromkeys(self._of_page(event, trace.case_id))
            if "reply_id" in event.detail:
                found[keys.reply(event.detail["reply_id"])] = None
        found |= dict.fromkeys(self._addresses(trace, events))
        return [*found]

    def _of_page(self, event: Event, case_id: str) -> Iterator[Key]:
        page = keys.page(event.native_id)
        item = self._table.get([page]).get(page)
        if item:
            yield page
        digests = [event.detail[name] for name in ("digest", "digest_step") if name in event.detail]
        of_digests = self._get([keys.digest(one) for one in digests])
        hashes = [json.loads(one["body"]).get("link") for one in (item, *of_digests.values()) if one]
        links = self._get([keys.link(one) for one in hashes if one])
        yield from (key for key, link in links.items() if json.loads(link["body"])["case_id"] == case_id)
        for one in digests:
            yield keys.digest_member(one, event.detail["clock"], int(event.detail["generation"]))

    def _addresses(self, trace: Trace, events: Sequence[Event]) -> Iterator[Key]:
        """Of what was written, with all that waits there; and the case itself, where it waits for its thread."""
        facts = [event.fact for event in events if event.fact]
        platform = trace.case.platform if trace.case else facts[0].platform if facts else ""
        own = {i for f in facts for i in (f.message_id, *f.alias_ids, f.thread_id if f.private else None) if i}
        above = {i for fact in facts for i in (fact.parent_id, fact.thread_id) if i}
        if trace.case:
            above.add(trace.case.thread_id)
        seen: set[str] = set()
        while left := (own | above) - seen:
            message_id = left.pop()
            seen.add(message_id)
            items = self._table.query(keys.address(platform, message_id)[0]).items
            address = json.loads(next((item["body"] for item in items if item["sk"] == keys.ONLY), "{}"))
            above |= {i for name in ("part_of", "thread_id") if (i := address.get(name))}
            yield from _of_address(items, address, trace.case_id, is_own=message_id in own)

    def _conversation(self, trace: Trace) -> list[Key]:
        """Where it leads to the case, or to the one that took it over."""
        case = trace.case
        if case is None:
            return []
        key = keys.conversation(case.platform, case.thread_id, case.author_key)
        item = self._table.get([key]).get(key)
        return [key] if item and item["case_id"] in (case.case_id, case.merged_into) else []

    def _memberships(self, case_id: str) -> Iterator[tuple[Key, Item]]:
        """The case as a member of incidents, and as one that complained about what was called fixed."""
        incidents = [*self._every_incident()]
        yield from self._get([keys.incident_member(one, case_id) for one in incidents]).items()
        for fix in TableFixes(self._table).all():
            items = self._table.query(keys.fix_seen(fix.fix_id, fix.fixed_at, "")[0]).items
            yield from (((i["pk"], i["sk"]), i) for i in items if i["sk"].endswith(f"#{case_id}"))

    def _mentions_of(self, case_id: str, person: Person) -> Iterator[tuple[Key, Item]]:
        """Incidents, answers to all of their cases, and fixes that name the case or the person in their text."""
        for incident_id in self._every_incident():
            pk, _ = keys.incident(incident_id)
            items = [
                *self._get([keys.incident(incident_id)]).values(),
                *self._table.query(pk, prefix=keys.ANSWERS).items,
            ]
            yield from _naming(items, case_id, person)
        yield from _naming(self._table.query(keys.FIXES).items, case_id, None)

    def _every_incident(self) -> Iterator[str]:
        found = [
            keys.incident_of_entry(item["sk"])
            for closed in (False, True)
            for item in self._table.query(keys.incidents(closed=closed)).items
        ]
        return iter(dict.fromkeys(found))

    def _rename_member(self, key: Key, item: Item, stands_for: str, person: Person) -> None:
        member = loads(Member, item["body"])
        renamed = replace(member, case_id=stands_for, who=self._who(member.who, person))
        pk, sk = keys.incident_member(key[0].removeprefix(keys.INCIDENT), stands_for)
        writes: list[Write] = [Put({**item, "pk": pk, "sk": sk, "body": dumps(renamed)})]
        self._table.write([*writes, *([Delete(key)] if (pk, sk) != key else [])])

    def _rename_seen(self, key: Key, item: Item, stands_for: str, person: Person) -> None:
        plain = json.loads(item["body"])
        plain |= {"case_id": stands_for, "who": self._who(plain["who"], person)}
        sk = f"{key[1].rpartition('#')[0]}#{stands_for}"
        writes: list[Write] = [Put({**item, "sk": sk, "body": json.dumps(plain, sort_keys=True)})]
        self._table.write([*writes, *([Delete(key)] if sk != key[1] else [])])

    def _who(self, who: str, person: Person) -> str:
        """As many different ones as before."""
        known = {who_of(person.platform, i) for i in person.ids}
        return self._seal.person(person.platform, person.author_key)[: len(who)] if who in known else who

    # --- the table, in parts

    def _partition(self, pk: str) -> list[Key]:
        return [(item["pk"], item["sk"]) for item in self._table.query(pk).items]

    def _get(self, wanted: Iterable[Key]) -> dict[Key, Item]:
        every = list(dict.fromkeys(wanted))
        found: dict[Key, Item] = {}
        for begin in range(0, len(every), MOST_READS):
            found |= self._table.get(every[begin : begin + MOST_READS])
        return {key: found[key] for key in every if key in found}

    def _delete(self, gone: Iterable[Key]) -> None:
        self._write([Delete(key) for key in dict.fromkeys(gone)])

    def _write(self, writes: Sequence[Write]) -> None:
        for begin in range(0, len(writes), _TOGETHER):
            self._table.write(writes[begin : begin + _TOGETHER])


def _of_address(items: Sequence[Item], address: Mapping[str, Any], case_id: str, *, is_own: bool) -> Iterator[Key]:
    waiting = [item for item in items if item["sk"] != keys.ONLY]
    theirs = waiting if is_own else [item for item in waiting if item["sk"] == f"{keys.PARKED}case|{case_id}"]
    yield from ((item["pk"], item["sk"]) for item in theirs)
    is_placeholder = not address.get("thread_id") and not address.get("case_id") and len(theirs) == len(waiting)
    if items and ((is_own and address.get("case_id", case_id) == case_id) or (theirs and is_placeholder)):
        yield (items[0]["pk"], keys.ONLY)


def _naming(items: Iterable[Item], case_id: str, person: Person | None) -> Iterator[tuple[Key, Item]]:
    for item in items:
        if case_id in item["body"] or (person and person.is_named_in(item["body"])):
            yield (item["pk"], item["sk"]), item


def _unchanged(item: Item) -> Mapping[str, Any]:
    return {"version": item["version"]}


def _readable(item: Item) -> Mapping[str, Any]:
    """With what is JSON in it as that."""
    return {
        name: json.loads(value) if name in ("body", "state", "summary", "profile") else value
        for name, value in item.items()
    }
