"""What a scenario says and what comes to nothing: a line that nobody looks at, a name that stands for nobody."""

from collections.abc import Iterator
from typing import Final

from chalicelib.documents.reading import DocumentProblem, suggestion
from infra.scenarios.model import Happening, Scenario

_OF_A_MESSAGE: Final = ("of", "on", "into")
_NATIVE: Final = ("native reply", "automatic reply")  # their `to` is a message, that of others is a person or a word


def idle(scenario: Scenario) -> Iterator[DocumentProblem]:
    """Each such line with its mend, in the order of the timeline."""
    until = scenario.expected[-1].at
    yield from _of_lines(scenario)
    for expected in scenario.expected:
        if expected.at > until:
            yield DocumentProblem(f"{expected.path}.at", "comes after `until`", "make `until` later, or leave it out")
        written = [line.values.get("text") or f"words of {line.values.get('id')}" for line in scenario.timeline]
        for words in expected.totals.get("forgotten", ()):
            if not any(words in text for text in written):
                yield DocumentProblem(
                    f"{expected.path}.forgotten", f"nobody ever wrote {words!r}", "give it to a message"
                )
    yield from _of_faults(scenario)


def _of_lines(scenario: Scenario) -> Iterator[DocumentProblem]:
    until = scenario.expected[-1].at
    ids = {str(line["id"]) for line in scenario.timeline if line.values.get("id")}
    people = {str(line["who"]) for line in scenario.timeline if line.verb == "message"}
    for line in scenario.timeline:
        if min(line.received_at) > until:
            yield DocumentProblem(
                line.path, "comes after `until`, and nobody looks at it", "make `until` later, or leave it out"
            )
        for key in (*_OF_A_MESSAGE, *(("to",) if line.verb in _NATIVE else ())):
            named = line.values.get(key)
            if named is not None and named not in ids:
                yield DocumentProblem(
                    f"{line.path}.{key}", f"nothing here has the id {named!r}", suggestion(named, ids)
                )
        who = line.values.get("who")
        if who is not None and people and who not in people and line.verb not in ("overheard", "like", *_NATIVE):
            yield DocumentProblem(f"{line.path}.who", f"{who!r} never writes", suggestion(who, people))
        yield from _of_promises(line, scenario)


def _of_promises(line: Happening, scenario: Scenario) -> Iterator[DocumentProblem]:
    book = scenario.book
    if book is None:
        return
    known = {
        "policy": {policy.id for policy in book.policies},
        "calendar": {calendar.id for calendar in book.calendars},
    }
    for key, names in known.items():
        named = line.values.get(key)
        if named is not None and named not in names:
            yield DocumentProblem(f"{line.path}.{key}", f"{named!r} is not known here", suggestion(named, names))


def _of_faults(scenario: Scenario) -> Iterator[DocumentProblem]:
    faults, book, until = scenario.faults, scenario.book, scenario.expected[-1].at
    groups = {rung.group for ladder in book.ladders for rung in ladder.steps} if book else set()
    groups |= {ladder.warn_group for ladder in book.ladders} if book else set()
    path = f"scenario {scenario.id}.faults"
    if book and faults.refused_for is not None and faults.refused_for not in groups:
        wrong = f"no ladder calls {faults.refused_for!r}"
        yield DocumentProblem(f"{path}.publish_fails.to", wrong, suggestion(faults.refused_for, groups))
    minutes = {
        "sweeps_missed": [begin for begin, _ in faults.missed],
        "sweeps_twice": faults.twice,
        "publish_fails.at": faults.refused,
        "publish_unheard": faults.unheard,
    }
    for key, several in minutes.items():
        if any(minute > until for minute in several):
            yield DocumentProblem(f"{path}.{key}", "comes after `until`", "make `until` later, or leave it out")
