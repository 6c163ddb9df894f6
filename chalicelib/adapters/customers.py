"""Customers in the one table. Satisfies `ports.customers.Customers` on any `ports.table.Table`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from chalicelib.adapters import keys
from chalicelib.domain.customer import Profile, RecordChange
from chalicelib.domain.erasure import Seal
from chalicelib.ports.customers import Customer, KnownCustomer
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.table import Check, Item, Key, Put, Table


class TableCustomers:
    """
    The profile stands in the partition of the author's cases, so that one query finds both.

    Without a `seal` nobody can have been erased.
    """

    def __init__(self, table: Table, seal: Seal | None = None) -> None:
        self._table = table
        self._seal = seal

    def known(self, customer: Customer, *, most: int) -> KnownCustomer:
        pk = keys.author(customer.platform, customer.author_key)
        items = self._table.query(pk, limit=most + 1, last_first=True).items
        profile = next((item for item in items if item["sk"] == keys.PROFILE), None)
        case_ids = [item["case_id"] for item in items if item["sk"].startswith(keys.CASES)]
        return KnownCustomer(
            customer=customer,
            profile=_read_profile(profile),
            case_ids=tuple(case_ids[:most]),
            erased_at=self._erased_at(customer),
        )

    def _erased_at(self, customer: Customer) -> datetime | None:
        if self._seal is None:
            return None
        key = _erased_key(customer, self._seal)
        item = self._table.get([key]).get(key)
        return datetime.fromisoformat(item["at"]) if item else None

    def profile(self, customer: Customer, *, change_id: str) -> tuple[Profile, RecordChange | None]:
        profile, change = _profile_key(customer), _change_key(customer, change_id)
        found = self._table.get([profile, change])
        return _read_profile(found.get(profile)), loads(
            RecordChange, found[change]["body"]
        ) if change in found else None

    def record(self, customer: Customer, profile: Profile, change: RecordChange) -> None:
        pk, sk = _profile_key(customer)
        made_pk, made_sk = _change_key(customer, change.id)
        item = {"pk": pk, "sk": sk, "version": profile.version, "body": dumps(replace(profile, version=0))}
        self._table.write(
            [
                Put(item, unchanged(profile.version - 1)),
                Put({"pk": made_pk, "sk": made_sk, "body": dumps(change)}, {"pk": None}),
            ]
        )

    def changes(self, customer: Customer) -> tuple[RecordChange, ...]:
        items = self._table.query(keys.changes(customer.platform, customer.author_key)).items
        return tuple(sorted((loads(RecordChange, item["body"]) for item in items), key=lambda change: change.made))


def check_unchanged(known: KnownCustomer, seal: Seal | None) -> Iterator[Check]:
    """That nobody has recorded anything of the customer since, nor erased them."""
    yield Check(_profile_key(known.customer), unchanged(known.profile.version))
    if seal:
        at = keys.instant(known.erased_at) if known.erased_at else None
        yield Check(_erased_key(known.customer, seal), {"at": at} if at else {"pk": None})


def unchanged(version: int) -> Mapping[str, Any]:
    """The condition that nobody wrote since the record was read."""
    return {"version": version} if version else {"pk": None}


def _erased_key(customer: Customer, seal: Seal) -> Key:
    return keys.erased(seal.person(customer.platform, customer.author_key))


def _profile_key(customer: Customer) -> Key:
    return keys.profile(customer.platform, customer.author_key)


def _change_key(customer: Customer, change_id: str) -> Key:
    return keys.change(customer.platform, customer.author_key, sha256(change_id.encode()).hexdigest()[:32])


def _read_profile(item: Item | None) -> Profile:
    return replace(loads(Profile, item["body"]), version=item["version"]) if item else Profile()
