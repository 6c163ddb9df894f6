"""
Where things are, for one stage.

Every name is fixed by application and stage, so the files in `.chalice/` are
static. What AWS alone can know (queue URLs, the topic's ARN, the bucket) the
infrastructure stack writes into one parameter, `resources_parameter`.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass

APP = "earshot"
LOCAL = "local"
QUEUES = ("inbound", "mentions-urgent", "mentions", "replies", "forward")
STAGE_PATTERN = r"[a-z][a-z0-9]{1,15}"


class SettingMissing(RuntimeError):
    """The environment lacks values; the message lists all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """
    One stage's names.

    `clock_file` holds the time as ISO text and moves it for tests; only the
    stage "local" may set it. `base_url` is where people open cases, empty
    when there is no such place: pages then name the case alone.
    """

    stage: str
    clock_file: str | None = None
    worker_concurrency: int = 5
    base_url: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read the function's environment. Raises SettingMissing."""
        env = os.environ if env is None else env
        stage = env.get("STAGE")
        if not stage:
            raise SettingMissing("set STAGE (local, dev or prod): .chalice/config.json does it for deployed functions")
        clock_file = env.get("EARSHOT_CLOCK_FILE") or None
        if clock_file and stage != LOCAL:
            raise SettingMissing(f"EARSHOT_CLOCK_FILE moves time and is refused on stage {stage!r}: unset it")
        return cls(
            stage=stage,
            clock_file=clock_file,
            worker_concurrency=int(env.get("EARSHOT_WORKER_CONCURRENCY") or 5),
            base_url=env.get("EARSHOT_URL") or "",
        )

    @property
    def table(self) -> str:
        return f"{APP}-{self.stage}-cases"

    @property
    def parameters(self) -> str:
        """The path under which every parameter of the stage lives."""
        return f"/{APP}/{self.stage}"

    @property
    def resources_parameter(self) -> str:
        return f"{self.parameters}/resources"

    def queue(self, name: str) -> str:
        return f"{APP}-{self.stage}-{name}"

    def dead_letters(self, name: str) -> str:
        return f"{self.queue(name)}-dead"
