"""
Engines that judge texts better than triage does: what they are given, what they may answer, and which one is set.

Whatever satisfies `Engine` can be asked: the trained one that ships, Amazon
Comprehend, a model on Amazon Bedrock.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final, Protocol

from chalicelib.domain.labels import Labels
from chalicelib.ports.json_codec import from_plain

PARAMETER: Final = "engine"  # below the stage's path


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """
    A text to judge, and the labels it has so far.

    `lang_hint` is the platform's tag, in any spelling; `rating` is 1 to 5
    stars. All of it is a stranger's: never an instruction, never in a log.
    """

    text: str = field(repr=False)
    labels: Labels = field(repr=False)
    lang_hint: str | None = field(default=None, repr=False)
    private: bool = False
    rating: int | None = None


class EngineError(Exception):
    """An engine gave no labels for the whole batch. The message holds classes and codes, never a text."""


class EngineUnavailable(EngineError):
    """It cannot be reached, or wants to be asked less often."""


class EngineTooSlow(EngineError):
    """No answer within the limit."""


class EngineRefused(EngineError):
    """It will not answer us: rights, a model that is not enabled. Asking again soon is of no use."""


class Unusable(EngineError):
    """It failed, or answered, and nothing of that means anything to us."""


class Engine(Protocol):
    """Asked from one thread at a time."""

    @property
    def name(self) -> str:
        """Its name and version, as `Labels.engine` has them: letters, digits and ".:/-"."""
        ...

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:
        """
        Labels for each passage in its order; None for one that it knows nothing about.

        A label of score 0 means: not judged. Raises EngineError, and nothing
        else, when no passage got any.
        """
        ...


class Allowance(Protocol):
    """How many texts may still be sent to an engine that costs money."""

    def take(self, wanted: int) -> int:
        """At most `wanted`, which are then spent. Never raises: who cannot count sends nothing."""
        ...


# --- which engine is set ----------------------------------------------------------------------------------------


class Choice(StrEnum):
    """Which engine refines what triage said."""

    NONE = "none"
    BUILTIN = "builtin"  # the trained one that ships, where its layer is
    COMPREHEND = "comprehend"
    BEDROCK = "bedrock"


# Models that can be made to answer with a tool, as the functions' roles name them (infra/deploy/iam_policies.py).
MODELS: Final = (
    "amazon.nova-micro-",
    "amazon.nova-lite-",
    "amazon.nova-pro-",
    "amazon.nova-premier-",
    "amazon.nova-2-lite-",
    "amazon.nova-2-pro-",
    "anthropic.claude-",
)
_MODEL: Final = re.compile(rf"(?:[a-z]{{2,6}}(?:-gov)?\.)?(?:{'|'.join(map(re.escape, MODELS))})[a-z0-9.:-]{{1,80}}")
_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}")
SHORTEST_S: Final = 0.1
LONGEST_S: Final = 15.0  # a worker has 60 s for a batch, and what follows needs its time too
MOST_TEXTS: Final = 10_000_000


class SettingsInvalid(ValueError):
    """What is set cannot be meant. The message says what to write instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """
    Which engine is asked, and how far.

    `limit_s` and `urgent_limit_s` are seconds for one delivery of each lane,
    all engines together. No `languages` are all of them. `private` says
    whether private messages go to an engine outside of the functions.
    `per_hour` and `per_day` count texts sent to such an engine, by all
    functions together; hours and days are those of UTC.
    Raises SettingsInvalid.
    """

    choice: Choice = Choice.BUILTIN
    model: str | None = None
    region: str | None = None
    limit_s: float = 4.0
    urgent_limit_s: float = 1.5
    languages: frozenset[str] = frozenset()
    private: bool = False
    per_hour: int = 500
    per_day: int = 5_000

    def __post_init__(self) -> None:
        for wrong in _problems(self):
            raise SettingsInvalid(wrong)

    @property
    def is_outside(self) -> bool:
        """Whether texts leave the functions, and cost money."""
        return self.choice in (Choice.COMPREHEND, Choice.BEDROCK)


def read_settings(plain: Mapping[str, Any]) -> EngineSettings:
    """What the parameter holds. Raises SettingsInvalid."""
    unknown = plain.keys() - {one.name for one in fields(EngineSettings)}
    if unknown:
        raise SettingsInvalid(f"{', '.join(sorted(unknown))}: there is no such setting")
    try:
        return from_plain(EngineSettings, plain)
    except SettingsInvalid:
        raise
    except (ValueError, TypeError, KeyError) as error:
        raise SettingsInvalid(f"a value is of the wrong kind: {error}") from error


def _problems(settings: EngineSettings) -> list[str]:
    limits = (("limit_s", settings.limit_s), ("urgent_limit_s", settings.urgent_limit_s))
    found = [
        f"{name} is {value:g}: choose {SHORTEST_S:g} to {LONGEST_S:g} seconds"
        for name, value in limits
        if not SHORTEST_S <= value <= LONGEST_S
    ]
    found += [
        f"{name} is {value}: choose 0 to {MOST_TEXTS} texts"
        for name, value in (("per_hour", settings.per_hour), ("per_day", settings.per_day))
        if not 0 <= value <= MOST_TEXTS
    ]
    if settings.choice is Choice.BEDROCK and settings.model is None:
        found.append("bedrock needs a model, such as amazon.nova-micro-v1:0 or eu.amazon.nova-lite-v1:0")
    if settings.model is not None and not _MODEL.fullmatch(settings.model):
        found.append(f"{settings.model!r} is not among the models that functions may call: {', '.join(MODELS)}…")
    if settings.region is not None and not _REGION.fullmatch(settings.region):
        found.append(f"{settings.region!r} is not a region: write one such as eu-central-1")
    found += [
        f"{tag!r} is not a language: write en, de, pt" for tag in settings.languages if not _LANGUAGE.fullmatch(tag)
    ]
    return found
