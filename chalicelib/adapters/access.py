"""
Users and tokens in the one table. Satisfies `ports.access.Users` on any `ports.table.Table`.

A token is looked up by its SHA-256 hash, so nothing compares secrets and no
timing can tell how close a guess was. It holds 256 random bits: a slow hash
would protect nothing.
"""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from chalicelib.adapters import keys
from chalicelib.ports.access import Role, UnknownUser, User, UserExists
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.table import Delete, Item, Put, Table, Write

TOKEN_BYTES = 32
END_CHARS = 4


def new_token() -> str:
    """43 characters that are safe in a header and a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class TableUsers:
    """
    One item for the user and one for the token, written together.

    The token's item holds the user as well, so that a request costs one read.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def by_token(self, token: str) -> User | None:
        key = keys.token(_hash(token))
        item = self._table.get([key]).get(key)
        return loads(User, item["body"]) if item else None

    def named(self, name: str) -> User | None:
        item = self._item(name)
        return loads(User, item["body"]) if item else None

    def everyone(self) -> tuple[User, ...]:
        return tuple(loads(User, item["body"]) for item in self._table.query(keys.USERS).items)

    def add(self, name: str, role: Role, token: str, now: datetime) -> User:
        item = self._item(name)
        before = loads(User, item["body"]) if item else None
        if before and not before.disabled:
            raise UserExists(name)
        created_at = before.created_at if before else now
        user = User(name=name, role=role, created_at=created_at, token_at=now, token_end=token[-END_CHARS:])
        self._put(user, item, token)
        return user

    def rotate(self, name: str, token: str, now: datetime) -> User:
        item, before = self._active(name)
        user = replace(before, token_at=now, token_end=token[-END_CHARS:])
        self._put(user, item, token)
        return user

    def remove(self, name: str) -> User:
        item, before = self._active(name)
        user = replace(before, disabled=True)
        self._put(user, item, None)
        return user

    def _item(self, name: str) -> Item | None:
        key = keys.user(name)
        return self._table.get([key]).get(key)

    def _active(self, name: str) -> tuple[Item, User]:
        item = self._item(name)
        if item is None or (user := loads(User, item["body"])).disabled:
            raise UnknownUser(name)
        return item, user

    def _put(self, user: User, before: Item | None, token: str | None) -> None:
        """The user as it is now, with `token` in place of the token of before; None leaves the user without one."""
        pk, sk = keys.user(user.name)
        version = before["version"] if before else 0
        token_hash = _hash(token) if token else None
        item = {"pk": pk, "sk": sk, "version": version + 1, "body": dumps(user), "token_hash": token_hash}
        writes: list[Write] = [Put(item, {"version": version} if before else {"pk": None})]
        if before and "token_hash" in before:
            writes.append(Delete(keys.token(before["token_hash"])))
        if token_hash:
            writes.append(Put(_token_item(token_hash, user)))
        self._table.write(writes)


def _token_item(token_hash: str, user: User) -> Mapping[str, Any]:
    pk, sk = keys.token(token_hash)
    return {"pk": pk, "sk": sk, "body": dumps(user)}


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
