"""A person's data over the API: what is held, all of it for the person, and none of it any more."""

from types import SimpleNamespace

import pytest

from chalicelib import bootstrap
from chalicelib.ports.access import Role
from tests.entrypoints.test_api import TOKEN, Api, api, app  # noqa: F401  fixtures
from tests.usecases.life import erasing_over
from tests.usecases.world import at, take, wrote

ADMIN = "lea" + "0" * 40
PATH = "/api/cases/{case_id}/customer"


@pytest.fixture
def desk(api, monkeypatch):  # noqa: F811
    api.desk.ports.users.add("lea", Role.ADMIN, ADMIN, at(0))
    ports = erasing_over(api.desk.table)
    monkeypatch.setattr(bootstrap, "erasing_ports", lambda *_, **__: ports)
    take(api.desk.cases, [wrote("700", 5, who="777", thread_id="700", text="of somebody else")])
    return api.desk


def post(api, body, *, token=ADMIN):  # noqa: F811
    return api.post(body, token=token, route="customer/erasure", case_id=case_of(api, "100"))


def case_of(api, message_id):  # noqa: F811
    return api.desk.cases.addresses("x", [message_id])[message_id].case_id


def test_it_is_shown_then_confirmed_then_gone(api, desk):  # noqa: F811
    case_id = case_of(api, "100")
    found = api.get(f"{PATH}/erasure", case_id=case_id, token=ADMIN).body
    assert (found["cases"], found["items"]["timeline entries"]) == ([case_id], 1)
    before = desk.table.everything()
    assert post(api, {}).status == post(api, {"confirm": False}).status == post(api, "[" * 9999).status == 422
    assert desk.table.everything() == before
    done = post(api, {"confirm": True})
    assert (done.status, done.body["cases"]) == (200, 1)
    assert not [key for key, item in desk.table.everything().items() if "h501" in str(item) or key[0].endswith("#501")]
    assert case_of(api, "700")
    assert api.get(f"{PATH}/erasure", case_id=case_id, token=ADMIN).body["error"] == "unknown_case"


def test_an_export_is_theirs_alone(api, desk):  # noqa: F811
    found = api.get(f"{PATH}/export", case_id=case_of(api, "100"), token=ADMIN)
    assert found.status == 200
    assert "my bag is lost" in str(found.body)
    assert "of somebody else" not in str(found.body)


@pytest.mark.parametrize("part", ["export", "erasure"])
def test_only_an_admin_may(api, desk, part):  # noqa: F811
    assert api.get(f"{PATH}/{part}", case_id=case_of(api, "100"), token=TOKEN).status == 403
    assert post(api, {"confirm": True}, token=TOKEN).status == 403
    assert api.get(f"{PATH}/{part}", case_id="c0123456789abcde", token=ADMIN).body["error"] == "unknown_case"


def test_what_no_answer_holds_is_left_to_the_command_line(api, desk, monkeypatch):  # noqa: F811
    monkeypatch.setattr("chalicelib.entrypoints.api_customers.MOST_EXPORT_BYTES", 10)
    assert api.get(f"{PATH}/export", case_id=case_of(api, "100"), token=ADMIN).status == 413


assert Api


# --- a stage without the key ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "route"), [("GET", "export"), ("GET", "erasure"), ("POST", "erasure")])
def test_a_missing_key_is_said_to_be_missing_and_who_makes_it(api, monkeypatch, method, route):  # noqa: F811
    api.desk.ports.users.add("lea", Role.ADMIN, ADMIN, at(0))
    monkeypatch.setattr(bootstrap, "parameters", lambda: SimpleNamespace(seal=lambda: None))
    case_id = case_of(api, "100")
    if method == "POST":
        answer = post(api, {"confirm": True})
    else:
        answer = api.get(f"/api/cases/{{case_id}}/customer/{route}", token=ADMIN, case_id=case_id)
    assert (answer.status, answer.body["error"]) == (503, "not_deployed")
    assert "earshot deploy" in answer.body["message"]
