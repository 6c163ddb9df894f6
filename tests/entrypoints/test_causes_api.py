"""The API and the page of root causes, called as API Gateway calls them."""

import json

import pytest

from chalicelib.ports.access import Role
from tests.console.site import Site
from tests.entrypoints.test_api import TOKEN, Api, app  # noqa: F401  a fixture
from tests.usecases.outage import outage
from tests.usecases.test_causes import DAY, Office
from tests.usecases.world import at

LEAD = "lea" + "0" * 40
CAUSES, FIXES, DROP = "/api/causes", "/api/fixes", "/api/fixes/{fix_id}/drop"


class Causes(Api):
    def send(self, resource, body, *, token=LEAD, **path):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return self.call("POST", resource, path, body=json.dumps(body), headers=headers)


@pytest.fixture
def office(monkeypatch):
    from chalicelib import bootstrap

    office = Office()
    users = office.acting.users
    users.rotate("ann", TOKEN, at(0))
    users.add("lea", Role.LEAD, LEAD, at(0))
    monkeypatch.setattr(bootstrap, "users", lambda: users)
    monkeypatch.setattr(bootstrap, "rollups", lambda: office.rollups)
    monkeypatch.setattr(bootstrap, "causes_ports", lambda: office.cause_ports)
    monkeypatch.setattr(bootstrap, "now", lambda: lambda: at(40))
    return office


@pytest.fixture
def api(app, office):  # noqa: F811
    return Causes(app, office)


def test_lines_of_days(api, office):
    office.hear(outage(14))
    office.rebuild()
    body = api.get(CAUSES, query={"from": "2026-03-03", "to": "2026-03-04"}).body
    assert body["missing"] == ["2026-03-04"]
    assert body["lines"] == [
        {"day": DAY.isoformat(), "kind": "aspect", "name": "app", "channel": "x.main", "cases": 14}
    ]


@pytest.mark.parametrize("query", [{"from": "x"}, {"from": "2026-03-04", "to": "2026-03-03"}, {"from": "2025-01-01"}])
def test_a_span_that_cannot_be(api, query):
    assert api.get(CAUSES, query=query).body["error"] == "query"


def test_a_lead_calls_a_cause_fixed_and_drops_it(api):
    fixed = api.send(FIXES, {"aspect": "app", "place": "Harwick", "terms": ["Login"], "note": "new server"}).body
    assert (fixed["status"], fixed["cause"]) == ("fixed", "app, Harwick, “login”")
    assert api.get(FIXES).body["fixes"] == [fixed]
    assert fixed["history"][0]["actor"] == "lea"
    assert api.send(DROP, {}, fix_id=fixed["fix_id"]).body["status"] == "dropped"


def test_an_agent_may_look_and_not_decide(api):
    assert api.get(FIXES).status == 200
    assert api.send(FIXES, {"aspect": "app", "note": "x"}, token=TOKEN).status == 403
    assert api.send(DROP, {}, fix_id="f000000000000000", token=TOKEN).status == 403


@pytest.mark.parametrize(
    "body", [{"note": "x"}, {"aspect": "nonsense", "note": "x"}, {"aspect": "app"}, {"aspect": "app", "note": " "}]
)
def test_a_body_that_cannot_be(api, body):
    answer = api.send(FIXES, body)
    assert (answer.status, answer.body["error"]) == (422, "invalid")


@pytest.mark.parametrize("fix_id", ["f000000000000000", "nonsense"])
def test_an_unknown_fix(api, fix_id):
    assert api.send(DROP, {}, fix_id=fix_id).body["error"] == "unknown_fix"


def test_the_page_says_what_complaints_are_about_and_what_came_back(app, office):  # noqa: F811
    site = Site(app, office)
    site.sign_in(TOKEN)
    empty = site.get("/console/causes").page.text
    assert "Nothing has been called fixed yet." in empty
    assert "Of 14 of these 14 days nothing is known yet" in empty
    assert empty.count("Not known yet.") == 3
    assert "Nobody complained" not in empty
    office.fix()
    office.hear(outage(14))
    office.look()
    office.rebuild()
    page = site.get("/console/causes")
    for part in ("14 cases", "came back", "lea", "new server", "14 people complained in the last day"):
        assert part in page.page.text
    assert f"/local/console/c/{office.case_of('50000')}" in page.page.links(page.url)
