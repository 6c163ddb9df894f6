"""Incidents in the one table. Satisfies `ports.incidents.Incidents` on any `ports.table.Table`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.adapters import keys
from chalicelib.domain.incidents.incident import Incident, Member
from chalicelib.ports.incidents import IncidentAnswer, Listed, UnknownCursor
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.table import MOST_READS, MOST_WRITES, Delete, Item, Put, Table, Write

KEPT: Final = timedelta(days=400)
_WRITES_EACH: Final = 2  # a member, and the way from its case
_BESIDE: Final = 4  # writes that may go with the members of one transaction


class TableIncidents:
    """The incident itself, a list of those that are open and of those that are not, and each case by itself."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # --- reads

    def watched_ids(self) -> tuple[str, ...]:
        items = self._table.query(keys.incidents(closed=False)).items
        return tuple(keys.incident_of_entry(item["sk"]) for item in items)

    def listed(self, *, closed: bool, limit: int, more: str | None = None) -> Listed:
        entry = keys.incident_entry_of(more, closed=closed) if more is not None else None
        if more is not None and entry is None:
            raise UnknownCursor(more)
        page = self._table.query(keys.incidents(closed=closed), limit=limit, more=entry and entry[1])
        found = self._states([keys.incident_of_entry(item["sk"]) for item in page.items])
        listed = tuple(one for one in found if one.is_open is not closed)
        return Listed(listed, keys.incident_cursor(page.more) if page.more else None)

    def _states(self, ids: Sequence[str]) -> tuple[Incident, ...]:
        found: dict[str, Incident] = {}
        for begin in range(0, len(ids), MOST_READS):
            items = self._table.get([keys.incident(one) for one in ids[begin : begin + MOST_READS]])
            found |= {_id_of(item): _read(item) for item in items.values()}
        return tuple(found[one] for one in ids if one in found)

    def get(self, incident_id: str) -> Incident | None:
        key = keys.incident(incident_id)
        item = self._table.get([key]).get(key)
        return _read(item) if item else None

    def members(self, incident_id: str) -> tuple[Member, ...]:
        pk, _ = keys.incident(incident_id)
        return tuple(loads(Member, item["body"]) for item in self._table.query(pk, prefix=keys.MEMBERS).items)

    def some_members(self, incident_id: str, *, limit: int, more: str | None) -> tuple[tuple[Member, ...], str | None]:
        pk, _ = keys.incident(incident_id)
        page = self._table.query(pk, prefix=keys.MEMBERS, limit=limit, more=more)
        return tuple(loads(Member, item["body"]) for item in page.items), page.more

    def of_cases(self, case_ids: Sequence[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for begin in range(0, len(case_ids), MOST_READS):
            wanted = {keys.case_incident(case_id): case_id for case_id in case_ids[begin : begin + MOST_READS]}
            items = self._table.get(list(wanted))
            found |= {wanted[key]: item["incident_id"] for key, item in items.items()}
        return found

    # --- writes

    def save(self, incident: Incident, members: Sequence[Member] = ()) -> Incident:
        writes = [write for member in members for write in _put_member(incident.incident_id, member)]
        together = (MOST_WRITES - _BESIDE) // _WRITES_EACH * _WRITES_EACH
        while len(writes) > together:
            self._table.write(writes[:together])
            writes = writes[together:]
        self._table.write([*_put_incident(incident), *writes])
        return replace(incident, version=incident.version + 1)

    # --- answers to all

    def answer(self, incident_id: str, answer_id: str) -> IncidentAnswer | None:
        key = keys.incident_answer(incident_id, answer_id)
        item = self._table.get([key]).get(key)
        return replace(loads(IncidentAnswer, item["body"]), version=item["version"]) if item else None

    def save_answer(self, answer: IncidentAnswer) -> IncidentAnswer:
        pk, sk = keys.incident_answer(answer.incident_id, answer.answer_id)
        item = {"pk": pk, "sk": sk, "version": answer.version + 1, "body": dumps(replace(answer, version=0))}
        writes: list[Write] = [Put(item, _unchanged(answer.version))]
        under_way = keys.answering(answer.incident_id, answer.answer_id)
        if answer.finished_at:
            writes.append(Delete(under_way))
        elif answer.version == 0:
            writes.append(Put({"pk": under_way[0], "sk": under_way[1]}))
        self._table.write(writes)
        return replace(answer, version=answer.version + 1)

    def answering(self) -> tuple[tuple[str, str], ...]:
        pairs = (item["sk"].split("/", 1) for item in self._table.query(keys.ANSWERING).items)
        return tuple((incident_id, answer_id) for incident_id, answer_id in pairs)


def _unchanged(version: int) -> Mapping[str, Any]:
    """The condition that nobody wrote since the record was read."""
    return {"version": version} if version else {"pk": None}


def _id_of(item: Item) -> str:
    return _read(item).incident_id


def _read(item: Item) -> Incident:
    return replace(loads(Incident, item["body"]), version=item["version"])


def _put_incident(incident: Incident) -> Iterator[Write]:
    pk, sk = keys.incident(incident.incident_id)
    item: dict[str, Any] = {"pk": pk, "sk": sk, "version": incident.version + 1}
    item["body"] = dumps(replace(incident, version=0))
    if incident.closed_at:
        item["expires_at"] = expires_at = int((incident.closed_at + KEPT).timestamp())
        entry = keys.incident_entry(incident.opened_at, incident.incident_id, closed=True)
        yield Put({"pk": entry[0], "sk": entry[1], "expires_at": expires_at})
        if incident.is_settled:
            yield Delete(keys.incident_entry(incident.opened_at, incident.incident_id, closed=False))
    elif incident.version == 0:
        entry = keys.incident_entry(incident.opened_at, incident.incident_id, closed=False)
        yield Put({"pk": entry[0], "sk": entry[1]})
    yield Put(item, _unchanged(incident.version))


def _put_member(incident_id: str, member: Member) -> Iterator[Write]:
    """A case that was taken out keeps no way to the incident, but stays known to it."""
    expires_at = int((member.joined_at + KEPT).timestamp())
    pk, sk = keys.incident_member(incident_id, member.case_id)
    yield Put({"pk": pk, "sk": sk, "body": dumps(member), "expires_at": expires_at})
    way = keys.case_incident(member.case_id)
    if member.is_out:
        yield Delete(way)
    else:
        yield Put({"pk": way[0], "sk": way[1], "incident_id": incident_id, "expires_at": expires_at})
