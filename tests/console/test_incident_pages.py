"""The pages of incidents, called as API Gateway calls them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.console import incidents as drawing
from chalicelib.console.rendering import Frame
from chalicelib.domain.incidents.incident import Act
from chalicelib.usecases.incidents import show
from tests.console.site import Page, Site
from tests.console.test_pages import TOKEN, app  # noqa: F401  a fixture
from tests.usecases.outage import BEGAN, Airline, outage
from tests.usecases.world import at


@pytest.fixture
def airline():
    found = Airline()
    found.hear(outage(40))
    found.watch()
    return found


@pytest.fixture
def site(app, monkeypatch, airline):  # noqa: F811
    from chalicelib import bootstrap

    airline.acting.users.rotate("ann", TOKEN, at(0))
    monkeypatch.setattr(bootstrap, "users", lambda: airline.acting.users)
    monkeypatch.setattr(bootstrap, "cases", lambda: airline.cases)
    monkeypatch.setattr(bootstrap, "incidents", lambda: airline.incidents)
    monkeypatch.setattr(bootstrap, "incidents_ports", lambda: airline.handling)
    monkeypatch.setattr(bootstrap, "now", lambda: lambda: at(BEGAN + 5))
    found = Site(app, airline)
    found.sign_in(TOKEN)
    return found


def test_the_list_names_what_goes_on(site, airline):
    answer = site.get("/console/incidents")
    assert answer.status == 200
    assert airline.one.title in answer.page.text
    assert "40 people" in answer.page.text
    assert f"/local/console/incidents/{airline.one.incident_id}" in answer.page.links(answer.url)


@pytest.mark.parametrize(("query", "said"), [({"closed": "true"}, "No incident is over yet.")])
def test_an_empty_list_says_so(site, query, said):
    assert said in site.get("/console/incidents", query=query).page.text


def test_nothing_to_see_is_said_in_words(site, airline):
    airline.act(Act.CLOSED)
    assert "No incident." in site.get("/console/incidents").page.text
    assert airline.one.title in site.get("/console/incidents", query={"closed": "true"}).page.text


def test_one_with_reasons_people_and_deeds(site, airline):
    airline.act(Act.ACKNOWLEDGED)
    airline.act(Act.TAKEN_OUT, airline.members[0].case_id, key="k2")
    page = site.get(f"/console/incidents/{airline.one.incident_id}").page
    for part in ("lead was called", "ann is on it", "What is unusual", "taken out", "39 people", "New people"):
        assert part in page.text
    assert f"/local/console/c/{airline.members[1].case_id}" in page.links(
        f"/local/console/incidents/{airline.one.incident_id}"
    )


def test_the_case_and_the_list_of_cases_say_that_it_is_one_of_many(site, airline):
    case_id = airline.members[0].case_id
    page = site.get(f"/console/c/{case_id}").page
    assert "one of many" in page.text
    assert f"/local/console/incidents/{airline.one.incident_id}" in page.links(f"/local/console/c/{case_id}")
    assert "part of an incident" in site.get("/console").page.text


@pytest.mark.parametrize("path", ["/console/incidents", "/console/incidents/i000000000000000"])
def test_without_a_session_there_is_only_the_form(site, path):
    site.cookies.clear()
    answer = site.get(path)
    assert answer.status == 401
    assert "Your token" in answer.page.text


@pytest.mark.parametrize("incident_id", ["i000000000000000", "nonsense"])
def test_an_unknown_one(site, incident_id):
    answer = site.get(f"/console/incidents/{incident_id}")
    assert answer.status == 404
    assert "No such incident" in answer.page.text


TITLES = st.text(alphabet=st.sampled_from("<>&\"'/=ab \u202e"), min_size=1, max_size=40).filter(
    lambda text: text.strip()
)


@given(TITLES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_title_changes_the_shape_of_a_page(airline, title):
    from dataclasses import replace

    view = show(airline.one.incident_id, airline.handling)
    view = replace(view, answers=())
    frame = Frame(prefix="../", user="ann", stage="local", now=at(40))
    plain = Page.of(drawing.draw(replace(view, incident=replace(view.incident, title="a")), frame))
    odd = Page.of(drawing.draw(replace(view, incident=replace(view.incident, title=title)), frame))
    assert odd.shape == plain.shape
