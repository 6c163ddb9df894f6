"""Settings of a stage that people edit as a file: each kind in versions, of which the newest is in force."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.ports.table import Conflict

__all__ = ["Conflict", "DocumentKind", "DocumentVersion", "Documents"]


class DocumentKind(StrEnum):
    """What a document is about."""

    VOCABULARY = "vocabulary"
    INCIDENTS = "incidents"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentVersion:
    """A document as it was applied, in TOML. Versions count from 1."""

    kind: DocumentKind
    version: int
    toml: str
    applied_at: datetime
    actor: str


class Documents(Protocol):
    """Where they are kept."""

    def current(self, kind: DocumentKind) -> DocumentVersion | None:
        """None when none was ever applied. One call."""
        ...

    def apply(self, document: DocumentVersion) -> None:
        """Bring it into force. Raises Conflict when that version, or a later one, is there already."""
        ...
