"""When operators were last told of something, so that fifty waiting answers are not fifty alarms."""

from datetime import datetime
from typing import Protocol


class Alarms(Protocol):
    """Remembers by subject, such as "stopped/x.main/900"."""

    def raised_at(self, about: str) -> datetime | None:
        """When people were last told; None when never, or long ago."""
        ...

    def remember(self, about: str, at: datetime) -> None:
        """They have been told now."""
        ...
