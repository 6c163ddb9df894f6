"""
A scenario file, read: every mistake at once, each with its place and its fix.

docs/scenarios.md explains the form to those who write one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import count
from pathlib import Path
from typing import Any, Final

from chalicelib.documents.durations import BadValue, duration_s, positive_duration_s
from chalicelib.documents.policies import PolicyInvalid, read
from chalicelib.documents.reading import DocumentInvalid, DocumentProblem, Spot, decoded, one_of, parsed, text, whole
from chalicelib.domain.calendar import UnknownZone, zone_of
from chalicelib.domain.clock import Metric, Outcome
from chalicelib.domain.labels import Urgency
from chalicelib.domain.policy import PolicyBook, Targets
from infra.operate.policy.reading import read_for_trial
from infra.scenarios import books, moments
from infra.scenarios.idle import idle
from infra.scenarios.model import Expected, Faults, Happening, Lands, Refusal, Scenario, Wanted

HEARD_AFTER: Final = timedelta(seconds=1)  # what a platform tells us of is never there at once
ONE_MINUTE: Final = timedelta(minutes=1)
CUSTOMER: Final = "ada"
AGENT: Final = "ann"
_NONE: Final = "none"
_UTC: Final[tzinfo] = UTC

Reader = Callable[[Any], Any]


class ScenarioInvalid(ValueError):
    """The file cannot be played. Next step: mend every one of its problems; the message names them all."""

    def __init__(self, file: str, problems: Iterable[DocumentProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{file}: {problem}" for problem in self.problems))


def read_file(path: Path, *, policies: Path | None = None) -> tuple[Scenario, ...]:
    """
    The scenarios of a file, under its own promises or those in `policies`.

    Raises ScenarioInvalid, for the policies too, and OSError.
    """
    try:
        document = parsed(decoded(path.read_bytes()))
    except DocumentInvalid as error:
        raise ScenarioInvalid(str(path), error.problems) from error
    return read_document(document, path, policies=policies)


def read_document(document: Mapping[str, Any], path: Path, *, policies: Path | None = None) -> tuple[Scenario, ...]:
    """As `read_file`, for what the file at `path` says."""
    root = Spot(document)
    if "version" in document:
        root.refuse("this is a policy file, not one of scenarios", "name it with --policies, or in a scenario file")
        raise ScenarioInvalid(str(path), root.problems)
    parts = root.table("policies", "scenario")
    book = _book(parts["policies"], path, policies)
    entries = [] if parts["scenario"].is_missing else parts["scenario"].items()
    if not entries:
        root.refuse("there is no scenario", "write at least one [[scenario]]")
    scenarios = tuple(_scenario(_named(spot), str(path), book) for spot in entries)
    _check_ids(root, scenarios)
    if root.problems:
        raise ScenarioInvalid(str(path), root.problems)
    return scenarios


def _book(spot: Spot, path: Path, instead: Path | None) -> PolicyBook | None:
    """The promises of a file; None when it names none or they cannot be read."""
    if instead is None and isinstance(spot.value, Mapping):
        return _noted(spot, lambda: read(spot.value, today=None))
    if instead is None and spot.is_missing:
        return None
    source = instead or path.parent / spot.required(text, "")
    if not source.is_file():
        spot.refuse(f"there is no file {source}", "give its path, as seen from this file")
        return None
    today = datetime.now(UTC).date()
    return _noted(spot, lambda: read_for_trial(source.read_bytes(), today=today))


def _noted(spot: Spot, reader: Callable[[], PolicyBook]) -> PolicyBook | None:
    try:
        return reader()
    except PolicyInvalid as error:
        spot.problems.extend(replace(problem, path=f"policies.{problem.path}") for problem in error.problems)
        return None


def _named(spot: Spot) -> Spot:
    """A scenario under its id: a person finds that faster than a position."""
    name = spot.value.get("id") if isinstance(spot.value, Mapping) else None
    return replace(spot, path=f"scenario {name}") if isinstance(name, str) else spot


def _check_ids(root: Spot, scenarios: Iterable[Scenario]) -> None:
    seen: set[str] = set()
    for scenario in scenarios:
        if scenario.id in seen:
            root.at(f"scenario {scenario.id}").refuse("another scenario has this id", "give each its own id")
        seen.add(scenario.id)


# --- one scenario -----------------------------------------------------------------------------------------------

_SCENARIO = ("id", "title", "zone", "day", "policy", "channel", "timeline", "faults", "check", "expect", "until")


def _scenario(spot: Spot, file: str, book: PolicyBook | None) -> Scenario:
    if isinstance(spot.value, Mapping) and "document" in spot.value:
        return _refused(spot, file)
    before = len(spot.problems)
    parts = spot.table(*_SCENARIO)
    times = _Times(
        zone=parts["zone"].optional(_zone, _UTC),
        day=parts["day"].optional(moments.read_day, None),
    )
    lines = [_happening(line, times) for line in parts["timeline"].items()]
    timeline = tuple(_numbered(one for line in lines for one in _crowded(line)))
    scenario = Scenario(
        file=file,
        id=parts["id"].required(text, "?"),
        title=parts["title"].required(text, "?"),
        zone=times.zone,
        book=_its_book(parts["policy"], book),
        channel=parts["channel"].optional(text, "x.main"),
        timeline=timeline,
        faults=_faults(parts["faults"], times),
        expected=_all_expected(parts, times),
    )
    if len(spot.problems) == before:
        spot.problems.extend(idle(scenario))
    return scenario


def _refused(spot: Spot, file: str) -> Scenario:
    parts = spot.table("id", "title", "document", "saved", "refused")
    places = tuple(item.required(text, "") for item in parts["refused"].items())
    return Scenario(
        file=file,
        id=parts["id"].required(text, "?"),
        title=parts["title"].required(text, "?"),
        zone=UTC,
        book=None,
        channel="",
        refusal=Refusal(
            document=parts["document"].required(text, ""),
            today=parts["saved"].required(moments.read_day, date.min),
            places=places,
        ),
    )


def _zone(value: Any) -> tzinfo:
    try:
        return zone_of(text(value))
    except UnknownZone as error:
        raise BadValue(str(error), "use a name such as Europe/London") from None


def _its_book(spot: Spot, book: PolicyBook | None) -> PolicyBook | None:
    """The whole book, or only the policies that the scenario names."""
    if book is None:
        if not any(problem.path.startswith("policies") for problem in spot.problems):
            spot.refuse("the file has no policies", 'begin it with policies = "FILE", or run it with --policies')
        return None
    if spot.is_missing:
        return book
    named = spot.items() if isinstance(spot.value, list) else [spot]
    known = one_of(policy.id for policy in book.policies)
    wanted = [policy_id for item in named if (policy_id := item.required(known, ""))]
    try:
        return books.only(book, wanted) if wanted else None
    except ValueError as error:
        spot.refuse(str(error), "name each once, and last the one for every other case")
        return None


def _crowded(line: Happening) -> Iterator[Happening]:
    """A crowd is as many customers who all do the same: who-1, who-2 and so on."""
    if not line.values.get("crowd"):
        yield line
        return
    for number in range(1, line["crowd"] + 1):
        yield replace(line, values={**line.values, "who": f"{line['who']}-{number}"})


def _numbered(lines: Iterable[Happening]) -> Iterator[Happening]:
    """Messages without an id get one of their own; numbers follow the platform's clock, as X's and Meta's do."""
    ordered = sorted(lines, key=lambda line: line.at)
    given = {line.values.get("id") for line in ordered}
    numbers = (number for number in map(str, count(100)) if number not in given)
    for line in ordered:
        if "id" in line.values and line["id"] is None:
            yield replace(line, values={**line.values, "id": next(numbers)})
        else:
            yield line


@dataclass(frozen=True, slots=True)
class _Times:
    """How clock times are to be read in a scenario."""

    zone: tzinfo
    day: date | None

    def moment(self, value: Any) -> datetime:
        return moments.read_moment(value, self.zone, self.day)

    def moment_or_none(self, value: Any) -> datetime | None:
        return None if value == _NONE else self.moment(value)


_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)  # stands in for a time that could not be read


# --- what happens -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Key:
    """One key of a verb: how to read it, and what it is when left out (`MUST`: it may not be)."""

    reader: Reader
    default: Any = None


_MUST: Final = object()


def _yes(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise BadValue(f"{value!r} is neither true nor false", "write true or false")


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(text(item) for item in (value if isinstance(value, list) else [value]))


def _failures(value: Any) -> tuple[str, ...]:
    known = one_of(("refused", "unauthorised", "throttled", "unavailable"))
    return tuple(known(item) for item in _texts(value))


_TEXT = _Key(text)
_WHO = {"who": _Key(text, CUSTOMER)}
_POST = {
    **_WHO,
    "crowd": _Key(whole(1, 1000)),
    "id": _TEXT,
    "text": _TEXT,
    "private": _Key(_yes, False),
    "thread": _TEXT,
    "to": _TEXT,
}
_ACT = {"who": _TEXT, "on": _TEXT, "by": _Key(text, AGENT)}

VERBS: Final[Mapping[str, Mapping[str, _Key]]] = {
    # what platforms tell us
    "message": {
        **_POST,
        "urgency": _Key(one_of(Urgency), Urgency.NORMAL),
        "language": _TEXT,
        "followers": _Key(whole(0, 10**10)),
    },
    "native reply": _POST,
    "automatic reply": _POST,
    "edit": {**_WHO, "of": _Key(text, _MUST), "text": _Key(text, "changed")},
    "delete": {**_WHO, "of": _Key(text, _MUST)},
    # what platforms do not tell us
    "overheard": _WHO,
    "like": _WHO,
    # what agents do
    "reply": {
        **_ACT,
        "id": _TEXT,
        "text": _TEXT,
        "then": _Key(one_of(("wait", "resolve"))),
        "fails": _Key(_failures, ()),
        "echo": _Key(one_of(("before", "after"))),
        "by_a_bot": _Key(_yes, False),
    },
    "note": {**_ACT, "text": _Key(text, "a note")},
    "assign": {**_ACT, "to": _Key(text, _MUST)},
    "priority": {**_ACT, "to": _Key(one_of(Urgency), _MUST)},
    **dict.fromkeys(("wait", "hold", "open", "resolve", "reopen", "spam", "restore"), _ACT),
    "merge": {**_ACT, "into": _Key(text, _MUST)},
    "acknowledge": _ACT,
    # what leads do
    "edit policy": {
        "policy": _Key(text, _MUST),
        "first_reply": _Key(positive_duration_s),
        "next_reply": _Key(positive_duration_s),
        "resolution": _Key(positive_duration_s),
    },
    "tier": {**_WHO, "to": _Key(text, _MUST), "by": _Key(text, AGENT)},
    "close": {"calendar": _Key(text, _MUST), "date": _Key(moments.read_day, _MUST)},
}
FACTS: Final = frozenset({"message", "native reply", "automatic reply", "edit", "delete"})
_TARGETS: Final = {"first_reply": "frt_s", "next_reply": "nrt_s", "resolution": "res_s"}


def _happening(spot: Spot, times: _Times) -> Happening:
    verb = one_of(VERBS)
    name = verb(spot.value["do"]) if _has(spot, "do", verb) else None
    keys = VERBS[name] if name else {}
    heard = ("received", "lands") if name in FACTS else ()
    parts = spot.table("at", "do", *keys, *heard) if name else {"at": Spot(None), "do": spot.at("do", _do(spot))}
    at = parts["at"].required(times.moment, _NEVER) if name else _NEVER
    if name is None:
        parts["do"].required(verb, "")
    return Happening(
        at=at,
        verb=name or "?",
        path=spot.path,
        received_at=_received(parts, at, times, told=bool(heard)),
        values={key: _value(parts[key], wanted) for key, wanted in keys.items()},
        lands=parts["lands"].optional(_lands, None) if heard else None,
    )


def _do(spot: Spot) -> Any:
    return spot.value.get("do") if isinstance(spot.value, Mapping) else None


def _has(spot: Spot, key: str, reader: Reader) -> bool:
    try:
        reader(spot.value[key])
    except (BadValue, KeyError, TypeError):
        return False
    return True


def _value(spot: Spot, key: _Key) -> Any:
    if key.default is _MUST:
        return spot.required(key.reader, None)
    return spot.optional(key.reader, key.default)


def _lands(value: Any) -> Lands:
    return Lands(one_of(Lands)(value))


def _received(parts: Mapping[str, Spot], at: datetime, times: _Times, *, told: bool) -> tuple[datetime, ...]:
    """When we heard of it: for what platforms tell us a second later, unless the file says when."""
    if not told:
        return (at,)
    spot = parts["received"]
    if spot.is_missing:
        return (at + HEARD_AFTER,)
    several = spot.items() if isinstance(spot.value, list) else [spot]
    return tuple(sorted(item.required(times.moment, _NEVER) for item in several))


def targets_of(line: Happening) -> dict[str, int]:
    """The targets that an edit of a policy names, as fields of `policy.Targets`."""
    return {field: line[key] for key, field in _TARGETS.items() if line[key] is not None}


assert {*_TARGETS.values()} <= {*Targets.__slots__}  # noqa: S101


# --- what goes wrong --------------------------------------------------------------------------------------------


def _faults(spot: Spot, times: _Times) -> Faults:
    if spot.is_missing:
        return Faults()
    parts = spot.table("sweeps_missed", "sweeps_twice", "publish_fails", "publish_unheard")
    return Faults(
        missed=_spans(parts["sweeps_missed"], times),
        twice=_minutes(parts["sweeps_twice"], times),
        **_refused_minutes(parts["publish_fails"], times),
        unheard=_minutes(parts["publish_unheard"], times),
    )


def _refused_minutes(spot: Spot, times: _Times) -> dict[str, Any]:
    if spot.is_missing:
        return {}
    parts = spot.table("at", "to")
    return {"refused": _minutes(parts["at"], times), "refused_for": parts["to"].optional(text, None)}


def _minutes(spot: Spot, times: _Times) -> frozenset[datetime]:
    if spot.is_missing:
        return frozenset()
    return frozenset(item.required(times.moment, _NEVER).replace(second=0) for item in spot.items())


def _spans(spot: Spot, times: _Times) -> tuple[tuple[datetime, datetime], ...]:
    """Each [from, to], both ends included."""
    if spot.is_missing:
        return ()
    spans = []
    for item in spot.items():
        ends = [end.required(times.moment, _NEVER) for end in item.items()]
        if len(ends) == 2 and ends[0] <= ends[1]:
            spans.append((ends[0], ends[1]))
        else:
            item.refuse("this is not a span of time", 'write ["12:10", "12:40"]')
    return tuple(spans)


# --- what is expected -------------------------------------------------------------------------------------------


def _texts_or_none(value: Any) -> tuple[str, ...]:
    return () if value == [] else _texts(value)


_TOTALS: Final[Mapping[str, Reader]] = {
    "cases": whole(0, 10**6),
    "status": _texts,
    "messages": whole(0, 10**6),
    "answers": whole(0, 10**6),
    "resolved_without_reply": whole(0, 10**6),
    "assignee": text,
    "failure": text,
    "forgotten": _texts,
    "exhausted": _texts_or_none,
    "refused": _texts_or_none,
}
_CLOCKS: Final = tuple(metric.value for metric in Metric)
_ALERT_KINDS: Final = ("warning", "breach", "notice", "operations", "channel", "window")


def _all_expected(parts: Mapping[str, Spot], times: _Times) -> tuple[Expected, ...]:
    until = parts["until"].required(times.moment, _NEVER)
    checks = [] if parts["check"].is_missing else parts["check"].items()
    found = [_expected(spot, times, until=None) for spot in checks]
    if parts["expect"].is_missing:
        parts["expect"].refuse("nothing is expected", "write a table [scenario.expect]")
        return ()
    return (*sorted(found, key=lambda one: one.at), _expected(parts["expect"], times, until=until))


def _expected(spot: Spot, times: _Times, *, until: datetime | None) -> Expected:
    """At the end alerts are complete: without any expected, none may have gone out."""
    alerts = () if until is None else ("alerts",)
    keys = spot.table(*_CLOCKS, *_TOTALS, "window", "attainment", *alerts, *(() if until else ("at",)))
    return Expected(
        at=until or keys["at"].required(times.moment, _NEVER),
        path=spot.path,
        clocks={metric: _tables(keys[metric], _clock_keys(times)) for metric in _CLOCKS if _given(keys[metric])},
        alerts=_tables(keys["alerts"], _alert_keys(times)) if until else None,
        totals=_totals(keys, times),
        attainment=_attainment(keys["attainment"]),
    )


def _totals(keys: Mapping[str, Spot], times: _Times) -> Mapping[str, Any]:
    found = {key: keys[key].required(reader, None) for key, reader in _TOTALS.items() if _given(keys[key])}
    if _given(keys["window"]):
        ends = keys["window"].table("standard_end", "human_end")
        found["window"] = tuple(end.required(times.moment, _NEVER) for end in ends.values())
    return found


def _given(spot: Spot) -> bool:
    return not spot.is_missing


def _tables(spot: Spot, readers: Mapping[str, Reader]) -> tuple[Wanted, ...]:
    if spot.is_missing:
        return ()
    entries = [spot] if isinstance(spot.value, Mapping) else spot.items()
    return tuple(_wanted(entry, readers) for entry in entries)


def _wanted(spot: Spot, readers: Mapping[str, Reader]) -> Wanted:
    parts = spot.table(*readers)
    values = {key: part.required(readers[key], None) for key, part in parts.items() if _given(part)}
    return Wanted(path=spot.path, values=values)


def _clock_keys(times: _Times) -> Mapping[str, Reader]:
    instant = dict.fromkeys(("started", "due", "warn", "breach", "stopped"), times.moment_or_none)
    lasting = dict.fromkeys(("business", "elapsed", "late", "paused", "target"), _duration_or_none)
    words = dict.fromkeys(("of", "reason", "because", "policy", "breached_under"), _text_or_none)
    return {
        **instant,
        **lasting,
        **words,
        "outcome": one_of(Outcome),
        "version": whole(1, 10**9),
        "flags": _flags,
    }


def _alert_keys(times: _Times) -> Mapping[str, Reader]:
    return {
        "at": times.moment,
        "kind": one_of(_ALERT_KINDS),
        "to": text,
        "step": whole(1, 100),
        "count": whole(1, 10**6),
        "clock": one_of(_CLOCKS),
        "of": text,
        "assignee": text,
        "tells": _texts,
        "why": text,
    }


def _flags(value: Any) -> frozenset[str]:
    return frozenset(_texts(value)) if value != [] else frozenset()


def _duration_or_none(value: Any) -> int | None:
    return None if value == _NONE else duration_s(value)


def _text_or_none(value: Any) -> str | None:
    return None if value == _NONE else text(value)


_SHARE: Final[Mapping[str, Reader]] = {"met": whole(0, 10**9), "breached": whole(0, 10**9), "percent": text}


def _attainment(spot: Spot) -> Mapping[str, Wanted]:
    """Per metric, and per metric without clocks of facts that came late: `frt`, `frt_without_late`."""
    if spot.is_missing:
        return {}
    names = [f"{metric}{suffix}" for metric in _CLOCKS for suffix in ("", "_without_late")]
    parts = spot.table(*names)
    return {name: _wanted(part, _SHARE) for name, part in parts.items() if _given(part)}
