"""Policy books in the table; the one that ships is in force until another is applied."""

from collections.abc import Callable
from dataclasses import replace

from chalicelib.adapters import keys
from chalicelib.domain.policy import PolicyBook
from chalicelib.policies import default_toml
from chalicelib.ports.policies import PolicyStore, Promises
from chalicelib.ports.policy_document import read_toml
from chalicelib.ports.table import Conflict, Put, Table

KEPT_S = 60.0


class TablePolicies(PolicyStore):
    """Every version that was ever applied. `clock` counts seconds and never goes back."""

    def __init__(self, table: Table, *, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock
        self._kept: tuple[Promises, float] | None = None

    def promises(self) -> Promises:
        now = self._clock()
        if self._kept is None or now >= self._kept[1]:
            self._kept = (Promises(books=self._read()), now + KEPT_S)
        return self._kept[0]

    def _read(self) -> dict[int, PolicyBook]:
        shipped = _shipped()
        books = {shipped.version: shipped}
        for item in self._table.query(keys.POLICIES).items:
            version = int(item["sk"])
            books[version] = replace(read_toml(item["document"], today=None), version=version)
        return books

    def apply(self, version: int, document: str) -> None:
        """Keep a document as `version`. Raises Conflict when that version exists: versions never change."""
        if version == _shipped().version:
            raise Conflict
        pk, sk = keys.policy(version)
        self._table.write([Put({"pk": pk, "sk": sk, "document": document}, {"pk": None})])


def _shipped() -> PolicyBook:
    return read_toml(default_toml(), today=None)
