"""
The settings of the priority score, as people write them: each figure with its source beside it.

`policies/priority.toml` is the document that ships and explains every figure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.documents.durations import positive_duration_s
from chalicelib.documents.reading import DocumentInvalid, Spot, name, parsed, text, whole
from chalicelib.domain.labels import Urgency
from chalicelib.domain.priority import Weights

MOST_POINTS: Final = 100_000
_points: Final = whole(0, MOST_POINTS)
_signed: Final = whole(-MOST_POINTS, MOST_POINTS)
_many: Final = whole(0, 10**9)
_some: Final = whole(1, 10**9)
_URGENCIES: Final = tuple(urgency.value for urgency in Urgency)

Reader = Callable[[Any], int]

# Where each figure stands, how it is read, and what `Weights` calls it.
_FIGURES: Final[Mapping[str, Mapping[str, tuple[Reader, str]]]] = {
    "scale": {"point": (positive_duration_s, "point_s")},
    "mood": {
        "negative": (_signed, "negative"),
        "positive": (_signed, "positive"),
        "complaint": (_points, "complaint"),
    },
    "reach": {
        "from": (_some, "reach_from"),
        "tenfold": (_points, "reach_tenfold"),
        "most": (_points, "reach_most"),
        "verified": (_points, "verified"),
        "reactions_an_hour": (_some, "reactions_an_hour"),
        "reactions": (_points, "reactions"),
    },
    "history": {
        "earlier_complaint": (_points, "earlier_complaint"),
        "earlier_complaints_most": (_points, "earlier_complaints_most"),
        "same_place": (_points, "same_place"),
    },
    "promise": {
        "within": (positive_duration_s, "promise_within_s"),
        "shortest": (_points, "promise"),
        "warned": (_points, "warned"),
        "broken": (_points, "broken"),
    },
    "word_of_mouth": {
        "told_bad": (_many, "told_bad"),
        "told_good": (_many, "told_good"),
        "seen_percent": (whole(0, 100), "seen_percent"),
        "seen_by_reaction": (_many, "seen_by_reaction"),
        "value_per_thousand_cents": (_many, "value_per_thousand"),
    },
}
_BY_URGENCY: Final = {"urgency": (_URGENCIES, _signed), "floor": (("high", "critical"), _points)}


class PriorityInvalid(DocumentInvalid):
    """The document makes no weights. Next step: mend every one of `problems`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the document. `value` is as it is written there."""

    section: str
    name: str
    value: int | str
    source: str


def read_toml(toml: str) -> Weights:
    """Raises PriorityInvalid, which names every mistake at once."""
    return read(_parsed(toml))


def figures(toml: str) -> tuple[Figure, ...]:
    """Every figure with its source, in the order of the document. Raises PriorityInvalid."""
    document = _parsed(toml)
    read(document)
    return tuple(
        Figure(section=section, name=key, value=figure["value"], source=figure["source"])
        for section, entries in document.items()
        for key, figure in entries.items()
    )


def _parsed(toml: str) -> Mapping[str, Any]:
    try:
        return parsed(toml)
    except DocumentInvalid as error:
        raise PriorityInvalid(error.problems) from error


def read(document: Mapping[str, Any]) -> Weights:
    """As `read_toml`, of a document that is parsed already."""
    root = Spot(document)
    sections = root.table(*_FIGURES, *_BY_URGENCY, "tiers")
    values: dict[str, Any] = {}
    for section, known in _FIGURES.items():
        parts = sections[section].table(*known)
        values |= {field: _figure(parts[key], reader) for key, (reader, field) in known.items()}
    for section, (urgencies, reader) in _BY_URGENCY.items():
        parts = sections[section].table(*urgencies)
        values[section] = {urgency: _figure(parts[urgency], reader) for urgency in urgencies}
    tiers = {} if sections["tiers"].is_missing else sections["tiers"].entries()
    values["tiers"] = {spot.holding(key).required(name, ""): _figure(spot, _points) for key, spot in tiers.items()}
    if root.problems:
        raise PriorityInvalid(root.problems)
    return _checked(values, sections["floor"].at("critical"))


def _figure(spot: Spot, reader: Reader) -> int:
    parts = spot.table("value", "source")
    parts["source"].required(text, "")
    return parts["value"].required(reader, 1)


def _checked(values: Mapping[str, Any], floor: Spot) -> Weights:
    try:
        return Weights(**values)
    except ValueError as error:
        floor.refuse(str(error), "raise it, or lower what reach, tiers and history give")
        raise PriorityInvalid(floor.problems) from error
