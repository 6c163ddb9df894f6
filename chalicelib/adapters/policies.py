"""Policy books in the table; the one that ships is in force until another is applied."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.adapters import keys
from chalicelib.documents.policies import PolicyInvalid, read_toml
from chalicelib.domain.policy import PolicyBook
from chalicelib.policies import default_toml
from chalicelib.ports.json_codec import dumps, loads
from chalicelib.ports.policies import PolicyJob, PolicyJobs, PolicyStore, PolicyVersion, Promises
from chalicelib.ports.table import Conflict, Item, Put, Table, Write

KEPT_S = 60.0
SHIPPED = 1  # the version of the document that ships


class TablePolicies(PolicyStore, PolicyJobs):
    """Every version that was ever applied. `clock` counts seconds and never goes back."""

    def __init__(self, table: Table, *, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock
        self._kept: tuple[Promises, float] | None = None
        self._books: dict[int, PolicyBook] = {}  # a version is read once: it never changes

    # --- the books

    def promises(self) -> Promises:
        now = self._clock()
        if self._kept is None or now >= self._kept[1]:
            self._kept = (Promises(books=_Shelf(self._all(), self._find)), now + KEPT_S)
        return self._kept[0]

    def _all(self) -> dict[int, PolicyBook]:
        items = {SHIPPED: _shipped_item(), **{int(item["sk"]): item for item in self._items()}}
        for version, item in items.items():
            self._keep(version, item)
        return {version: self._books[version] for version in items if version in self._books}

    def _find(self, version: int) -> PolicyBook | None:
        key = keys.policy(version)
        item = self._table.get([key]).get(key)
        if item:
            self._keep(version, item)
        return self._books.get(version)

    def _keep(self, version: int, item: Item) -> None:
        """A document that no longer reads is left out: it must not take the others with it."""
        if version in self._books:
            return
        try:
            self._books[version] = replace(read_toml(item["document"], today=None), version=version)
        except PolicyInvalid:
            return

    # --- the documents

    def versions(self) -> tuple[PolicyVersion, ...]:
        """Every version, oldest first, whether it still reads or not."""
        applied = {version.version: version for version in map(_version, self._items())}
        return tuple({SHIPPED: _version(_shipped_item()), **applied}.values())

    def apply(self, version: int, document: str, *, at: datetime, actor: str) -> PolicyJob:
        """
        Bring a document into force as `version`, together with the job that tells open cases.

        Raises Conflict when that version exists: versions never change. The
        first one to be applied also keeps what shipped, so that a release with
        another document cannot change what was promised.
        """
        if version == SHIPPED:
            raise Conflict
        job = PolicyJob(version=version, applied_at=at, actor=actor, next_at=at)
        applied = {"document": document, "applied_at": keys.instant(at), "actor": actor}
        writes: list[Write] = [Put(_item(version) | applied, {"pk": None}), _put_job(job)]
        if not any(int(item["sk"]) == SHIPPED for item in self._items()):
            writes.append(Put(_shipped_item()))
        self._table.write(writes)
        self._kept = None
        return replace(job, revision=1)

    def _items(self) -> Iterator[Item]:
        return iter(self._table.query(keys.POLICIES).items)

    # --- the jobs

    def job(self, version: int) -> PolicyJob | None:
        key = keys.policy_job(version)
        item = self._table.get([key]).get(key)
        return replace(loads(PolicyJob, item["body"]), revision=item["version"]) if item else None

    def save(self, job: PolicyJob) -> None:
        self._table.write([_put_job(job)])


class _Shelf(dict[int, PolicyBook]):
    """The versions as they were read; one that is missing was applied since, perhaps, and is looked for once."""

    def __init__(self, books: dict[int, PolicyBook], find: Callable[[int], PolicyBook | None]) -> None:
        super().__init__(books)
        self._find = find
        self._absent: set[int] = set()

    def __missing__(self, version: int) -> PolicyBook:
        book = None if version in self._absent else self._find(version)
        if book is None:
            self._absent.add(version)
            raise KeyError(version)
        self[version] = book
        return book


def _item(version: int) -> dict[str, Any]:
    pk, sk = keys.policy(version)
    return {"pk": pk, "sk": sk}


def _shipped_item() -> Item:
    return {**_item(SHIPPED), "document": default_toml()}


def _version(item: Item) -> PolicyVersion:
    at = item.get("applied_at")
    return PolicyVersion(
        version=int(item["sk"]),
        document=item["document"],
        applied_at=datetime.fromisoformat(at).astimezone(UTC) if at else None,
        actor=item.get("actor"),
    )


def _put_job(job: PolicyJob) -> Put:
    pk, sk = keys.policy_job(job.version)
    item = {"pk": pk, "sk": sk, "version": job.revision + 1, "body": dumps(replace(job, revision=0))}
    if job.next_at:
        item |= keys.due_entry(job.next_at, pk)
    return Put(item, {"version": job.revision} if job.revision else {"pk": None})
