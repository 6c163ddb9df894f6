"""Settings documents in the one table. Satisfies `ports.documents.Documents` on any `ports.table.Table`."""

from datetime import UTC, datetime
from typing import Any

from chalicelib.adapters import keys
from chalicelib.ports.documents import DocumentKind, DocumentVersion
from chalicelib.ports.table import Put, Table


class TableDocuments:
    """The newest version under a key of its own, for whoever needs it, and beside it every version for ever."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def current(self, kind: DocumentKind) -> DocumentVersion | None:
        key = keys.document(kind)
        item = self._table.get([key]).get(key)
        if item is None:
            return None
        return DocumentVersion(
            kind=kind,
            version=item["version"],
            toml=item["document"],
            applied_at=datetime.fromisoformat(item["applied_at"]).astimezone(UTC),
            actor=item["actor"],
        )

    def apply(self, document: DocumentVersion) -> None:
        content: dict[str, Any] = {
            "version": document.version,
            "document": document.toml,
            "applied_at": keys.instant(document.applied_at),
            "actor": document.actor,
        }
        before = document.version - 1
        pk, sk = keys.document(document.kind)
        _, version = keys.document_version(document.kind, document.version)
        expect = {"version": before} if before else {"pk": None}
        self._table.write(
            [Put({"pk": pk, "sk": sk, **content}, expect), Put({"pk": pk, "sk": version, **content}, {"pk": None})]
        )
