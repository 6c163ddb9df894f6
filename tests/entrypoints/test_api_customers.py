"""The API's part about customers, called as API Gateway calls it."""

import json

import pytest

from chalicelib.domain.customer import ChangeKind
from infra.paths import ROOT
from tests.entrypoints.test_api import NOTE, Api, api, app  # noqa: F401  fixtures
from tests.usecases.world import at

PATH = "/api/cases/{case_id}/customer"
TIER = {"change": "tier", "to": "gold"}


def post(api: Api, body, *, key="k1", **more):  # noqa: F811
    headers = {"Authorization": "Bearer ann" + "0" * 40, "Content-Type": "application/json", "Idempotency-Key": key}
    text = body if isinstance(body, str) else json.dumps(body)
    path = {"case_id": more.pop("case_id", api.desk.case_id)}
    return api.call("POST", PATH, path, body=text, headers={**headers, **more})


def test_what_is_recorded_is_told_with_who_and_when(api):  # noqa: F811
    answer = post(api, TIER)
    assert answer.status == 200
    assert answer.body["change"] == {
        "kind": "tier",
        "at": "2026-03-03T10:30:00Z",
        "id": answer.body["change"]["id"],
        "repeated": False,
    }
    assert answer.body["customer"]["tier"] == "gold"
    [change] = answer.body["customer"]["changes"]
    assert (change["by"], change["kind"], change["value"]) == ("ann", "tier", "gold")
    assert post(api, TIER).body["change"]["repeated"]
    assert api.get(PATH, case_id=api.desk.case_id).body == answer.body["customer"]


def test_the_case_shows_its_customer_and_where_it_stands(api):  # noqa: F811
    post(api, TIER)
    post(api, {"change": "promise", "text": "we refund", "due_on": "2026-03-06"}, key="k2")
    case = api.get("/api/cases/{case_id}", case_id=api.desk.case_id).body
    assert case["customer"]["tier"] == "gold"
    assert [promise["text"] for promise in case["customer"]["promises"]] == ["we refund"]
    assert {"name": "tier", "points": 45, "words": "gold customer"} in case["score"]["parts"]
    assert case["score"]["total"] == case["score"]["points"] + case["score"]["waited"]
    [listed] = api.get("/api/cases").body["cases"]
    assert listed["reasons"] == ["gold customer", "waiting 30 min", "first reply due in 30 min"]


def test_a_promise_is_settled_by_its_id(api):  # noqa: F811
    made = post(api, {"change": "promise", "text": "we refund", "due_on": "2026-03-06"}).body["change"]["id"]
    answer = post(api, {"change": "kept", "promise_id": made}, key="k2")
    assert (answer.status, answer.body["customer"]["promises"]) == (200, [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"change": "tier"}, "to is missing; it takes a tier"),
        ({"change": "tier", "to": "glod"}, "did you mean"),
        ({"change": "tier", "to": ""}, "to takes a tier"),
        ({"change": "tag", "tag": "No Tag"}, "A tag is"),
        ({"change": "promise", "text": "we refund", "due_on": "Friday"}, "due_on takes a day: 2026-12-24."),
        ({"change": "consent", "how": "by chat", "by": "bob"}, "Its fields here: change, how; no other."),
        ({"change": "kept", "promise_id": "p0"}, "No open promise"),
        ({"change": "name"}, "change takes one of tier, tag"),
        (NOTE, "change takes one of"),
        ([], "The body is a JSON object."),
    ],
    ids=lambda value: json.dumps(value)[:50],
)
def test_a_body_that_makes_no_sense_is_refused_in_words(api, body, said):  # noqa: F811
    before = api.desk.table.everything()
    answer = post(api, body)
    assert (answer.status, answer.body["error"]) == (422, "invalid")
    assert said in answer.body["message"]
    assert api.desk.table.everything() == before


def test_another_change_under_the_same_key_is_refused(api):  # noqa: F811
    post(api, TIER)
    assert post(api, {"change": "tier", "to": None}).body["error"] == "idempotency_mismatch"


def test_without_a_token_or_a_key_nothing_is_recorded(api):  # noqa: F811
    assert post(api, TIER, Authorization="Bearer nobody" + "0" * 40).status == 401
    assert post(api, TIER, key="").status == 400
    assert post(api, TIER, case_id="c0123456789abcde").body["error"] == "unknown_case"
    assert api.get(PATH, case_id=api.desk.case_id).body["changes"] == []


def test_an_hour_later_the_consent_is_still_on_record(api, monkeypatch):  # noqa: F811
    from chalicelib import bootstrap

    post(api, {"change": "consent", "how": "said so by phone"})
    monkeypatch.setattr(bootstrap, "now", lambda: lambda: at(90))
    post(api, {"change": "consent_withdrawn", "how": "no more calls"}, key="k2")
    changes = api.get(PATH, case_id=api.desk.case_id).body["changes"]
    assert [(change["kind"], change["at"]) for change in changes] == [
        ("consent_withdrawn", "2026-03-03T11:30:00Z"),
        ("consent", "2026-03-03T10:30:00Z"),
    ]


def test_the_page_names_every_change_and_field():
    from chalicelib.entrypoints import api_models

    page = (ROOT / "docs" / "api.md").read_text()
    fields = {name for model in api_models.CHANGES for name in model.model_fields}
    for word in (*ChangeKind, *fields):
        assert f"`{word}`" in page, word
