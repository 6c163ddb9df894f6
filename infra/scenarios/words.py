"""A scenario told in words: what happened, and what people heard."""

from collections.abc import Iterator
from datetime import datetime

from infra.scenarios.compare import alert_text
from infra.scenarios.model import Happening, Scenario
from infra.scenarios.moments import moment_text
from infra.scenarios.runner import Result

_SAID = {
    "message": "writes",
    "native reply": "is answered on the platform",
    "automatic reply": "gets an automatic answer",
    "edit": "changes message",
    "delete": "deletes message",
    "overheard": "talks past us",
    "like": "gets a like",
}


def story(result: Result) -> Iterator[str]:
    """Line by line, in the order of the clock."""
    scenario = result.scenario
    told: list[tuple[datetime, str]] = [(line.at, _happening(line)) for line in scenario.timeline]
    told += [(alert.at, f"  -> {alert_text(alert, scenario.zone).partition(': ')[2]}") for alert in result.alerts]
    for at, words in sorted(told, key=lambda entry: entry[0]):
        yield f"{moment_text(at, scenario.zone)}  {words}"


def _happening(line: Happening) -> str:
    who = line.values.get("by") or line.values.get("who") or "a lead"
    details = [
        str(line.values[key])
        for key in ("of", "to", "then", "into", "policy", "calendar", "date", "on")
        if line.values.get(key)
    ]
    which = f" (message {line['id']})" if line.values.get("id") else ""
    late = "" if line.received_at[0] == line.at else _heard(line)
    return " ".join([str(who), _SAID.get(line.verb, line.verb), *details]) + which + late


def _heard(line: Happening) -> str:
    after_s = int((line.received_at[0] - line.at).total_seconds())
    return f", heard {after_s} s later" if after_s > 1 else ""


def title(scenario: Scenario) -> str:
    """Such as "5 Used up at closing"."""
    return f"{scenario.id} {scenario.title}"
