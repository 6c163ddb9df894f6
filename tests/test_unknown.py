"""What is not known is said to be unknown, wherever people read of reach: never none, and never free of cost."""

from dataclasses import replace

import pytest

from chalicelib.console import customer
from chalicelib.console import incidents as incident_page
from chalicelib.console.rendering import Frame
from chalicelib.domain.incidents.incident import Incident
from chalicelib.usecases.cases.case_views import ScoreView
from infra.cli.commands import incidents as incident_command
from tests.usecases.outage import Airline, outage

SCORE = ScoreView(parts=(), points=1, point_s=60, waited=0, total=1, people=58, seen=None, told=58, value_cents=None)


@pytest.fixture(scope="module")
def found() -> Airline:
    airline = Airline()
    airline.hear([replace(one, author=replace(one.author, followers=None)) for one in outage(60)])
    airline.watch()
    return airline


def test_the_score_of_a_case_says_so() -> None:
    text = customer.hears(SCORE)
    assert "unknown" in text
    assert "0.00" not in text
    assert "58" in text


def test_the_pages_of_incidents_say_so(found: Airline) -> None:
    incident: Incident = found.one
    assert incident.reach is None
    frame = Frame(prefix="", user="ann", stage="local", now=incident.opened_at)
    page = incident_page.draw_list(incident_page.IncidentListing(incidents=[incident], closed=False), frame)
    assert "reach unknown" in page
    assert "0 followers" not in page
    assert "unknown" in "\n".join(incident_command._table((incident,)))


def test_whoever_is_called_reads_so(found: Airline) -> None:
    [call] = found.alerts.published
    assert "Visible to: unknown" in " ".join(call.text.split()).replace("Visible to unknown", "Visible to: unknown")
    assert "0 followers" not in call.text
