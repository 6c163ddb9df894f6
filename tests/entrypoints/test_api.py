"""The JSON API, called as API Gateway calls it."""

import json
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.events import EventKind
from chalicelib.ports.access import Role, User
from chalicelib.usecases import act, merging
from chalicelib.usecases.act import AnswerCustomer
from chalicelib.usecases.cases.timeline import Overtaken
from infra.paths import ROOT
from tests.usecases.test_act import Desk
from tests.usecases.world import at, deleted, take, wrote

TOKEN = "ann" + "0" * 40
NOTE = {"action": "note", "text": "called the desk"}


MOST_ANSWER_BYTES = 5_000_000  # a function may give 6 MB, with everything around it


class Api:
    """The deployed handler over a table in memory; `desk` is what lies behind it."""

    def __init__(self, app, desk):
        self.app = app
        self.desk = desk

    def call(self, method, resource, path, *, body=None, headers=None, query=None):
        event = {
            "resource": resource,
            "path": resource.format(**path),
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
            "queryStringParameters": query,
            "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
            "pathParameters": path,
            "stageVariables": None,
            "requestContext": {"resourcePath": resource, "httpMethod": method, "identity": {"sourceIp": "192.0.2.1"}},
            "body": body,
            "isBase64Encoded": False,
        }
        answer = self.app(event, SimpleNamespace(aws_request_id="1"))
        headers = {**answer["headers"], **{k: v[-1] for k, v in answer.get("multiValueHeaders", {}).items()}}
        size = len(json.dumps(answer).encode())  # as the runtime sends it
        return SimpleNamespace(status=answer["statusCode"], headers=headers, body=json.loads(answer["body"]), size=size)

    def get(self, resource, *, query=None, token=TOKEN, **path):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.call("GET", resource, path, headers=headers, query=query)

    def post(
        self,
        body,
        *,
        key="k1",
        token=TOKEN,
        content_type="application/json",
        case_id=None,
        headers=None,
        route="actions",
    ):
        sent = {"Authorization": f"Bearer {token}", "Content-Type": content_type, "Idempotency-Key": key}
        return self.call(
            "POST",
            f"/api/cases/{{case_id}}/{route}",
            {"case_id": case_id or self.desk.case_id},
            body=body if isinstance(body, str) else json.dumps(body),
            headers=headers or {name: value for name, value in sent.items() if value is not None},
        )


@pytest.fixture(scope="module")
def app():
    """Every function as it is deployed; the module reads its stage when it is imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAGE", "local")
        yield import_module("app").app


@pytest.fixture
def api(app, monkeypatch):
    from chalicelib import bootstrap

    desk = Desk()
    desk.ports.users.rotate("ann", TOKEN, at(0))
    monkeypatch.setattr(bootstrap, "users", lambda: desk.ports.users)
    monkeypatch.setattr(bootstrap, "cases", lambda: desk.cases)
    monkeypatch.setattr(bootstrap, "act_ports", lambda: desk.ports)
    merge_ports = merging.Ports(store=desk.cases, promises=desk.ports.promises, backoff=desk.ports.backoff)
    monkeypatch.setattr(bootstrap, "merging_ports", lambda: merge_ports)
    monkeypatch.setattr(bootstrap, "policies", lambda: SimpleNamespace(promises=lambda: desk.ports.promises))
    monkeypatch.setattr(bootstrap, "now", lambda: lambda: at(30))
    return Api(app, desk)


ROUTES = [
    ("/api/me", {}),
    ("/api/cases", {}),
    ("/api/cases/{case_id}", {"case_id": "c0123456789abcde"}),
    ("/api/cases/{case_id}/explain", {"case_id": "c0123456789abcde"}),
]


# --- who may ask ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "short", "wrong" + "0" * 38, f"{TOKEN}x", f"{TOKEN} {TOKEN}", "é" * 43])
@pytest.mark.parametrize(("resource", "path"), ROUTES)
def test_without_a_valid_token_nothing_is_told(api, resource, path, token):
    answer = api.get(resource, token=token, **path)
    assert answer.status == 401
    assert answer.body["error"] == "unauthorised"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_without_a_valid_token_nothing_is_done(api):
    before = api.desk.table.everything()
    assert api.post(NOTE, token="wrong" + "0" * 38).status == 401
    assert api.post("not json at all", token="wrong" + "0" * 38, content_type="text/plain").status == 401
    assert api.desk.table.everything() == before


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER "])
@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_headers_come_in_any_case(api, name, scheme):
    answer = api.call("GET", "/api/me", {}, headers={name: f"{scheme} {TOKEN}"})
    assert (answer.status, answer.body["name"], answer.body["role"]) == (200, "ann", "agent")


@pytest.mark.parametrize("value", ["Basic YW5uOmFubg==", TOKEN, f"Token {TOKEN}", f"Bearer{TOKEN}"])
def test_other_schemes_are_not_ours(api, value):
    assert api.call("GET", "/api/me", {}, headers={"Authorization": value}).status == 401


def test_a_request_without_any_header(api):
    assert api.call("GET", "/api/me", {}, headers=None).status == 401


def test_a_removed_user_is_out_at_once(api):
    assert api.get("/api/me").status == 200
    api.desk.ports.users.remove("ann")
    assert api.get("/api/me").status == 401


@pytest.mark.parametrize(
    ("role", "least", "status"),
    [("agent", "agent", 200), ("lead", "agent", 200), ("agent", "lead", 403), ("lead", "admin", 403),
     ("admin", "lead", 200)],
)  # fmt: skip
def test_each_role_may_do_what_those_before_it_may(api, monkeypatch, role, least, status):
    from chalicelib.entrypoints import api as routes

    user = User(name="zoe", role=Role(role), created_at=at(0), token_at=at(0), token_end="0000")
    monkeypatch.setattr(api.desk.ports.users, "by_token", lambda token: user)
    request = SimpleNamespace(headers={"authorization": f"Bearer {TOKEN}"}, query_params=None, raw_body=b"")
    monkeypatch.setattr(routes, "_request", lambda: request)
    answer = routes.for_users(least)(lambda call: {})()
    assert answer.status_code == status
    if status == 403:
        assert json.loads(answer.body) == {
            "error": "forbidden",
            "message": f"This needs the role {least}; yours is {role}. Ask an admin.",
        }


# --- reading --------------------------------------------------------------------------------------------------


def test_the_list(api):
    answer = api.get("/api/cases")
    assert answer.status == 200
    [case] = answer.body["cases"]
    assert case["case_id"] == api.desk.case_id
    assert (case["status"], case["text"], case["author"]) == ("new", "my bag is lost", "h501")
    assert case["due_at"] == "2026-03-03T11:00:00Z"
    assert case["assignee"] is None


def test_open_and_closed_cases(api):
    api.post({"action": "resolve"})
    assert api.get("/api/cases").body == {"cases": []}
    assert [case["status"] for case in api.get("/api/cases", query={"closed": "true"}).body["cases"]] == ["resolved"]


def test_the_list_can_be_shorter(api):
    take(api.desk.cases, [wrote("200", 1, who="502")])
    assert len(api.get("/api/cases", query={"limit": "200"}).body["cases"]) == 2
    assert len(api.get("/api/cases", query={"limit": "1"}).body["cases"]) == 1


@pytest.mark.parametrize(
    "query",
    [{"limit": "0"}, {"limit": "201"}, {"limit": "-1"}, {"limit": "ten"}, {"limit": ""}, {"limit": "٣"},
     {"limit": "9" * 5000}, {"closed": "yes"}, {"closed": ""}, {"page": "2"}],
    ids=str,
)  # fmt: skip
def test_a_query_that_is_not_understood(api, query):
    answer = api.get("/api/cases", query=query)
    assert (answer.status, answer.body["error"]) == (400, "query")


def test_a_case_explained(api):
    answer = api.get("/api/cases/{case_id}/explain", case_id=api.desk.case_id)
    assert answer.status == 200
    first, second = answer.body["clocks"]
    assert (first["name"], second["name"]) == ("first reply", "resolution")
    counted = [step for step in first["steps"] if step["kind"] == "counted"]
    assert [(step["seconds"], step["is_ahead"]) for step in counted] == [(1800, False), (1800, True)]
    assert first["steps"][-1]["text"] == "It runs: 30 min used, 30 min left."


def test_one_case(api):
    api.post(NOTE)
    answer = api.get("/api/cases/{case_id}", case_id=api.desk.case_id)
    assert answer.status == 200
    assert [(entry["who"], entry["what"], entry["text"]) for entry in answer.body["timeline"]] == [
        ("h501", "wrote", "my bag is lost"),
        ("ann", "noted", "called the desk"),
    ]
    assert answer.body["author"]["handle"] == "h501"
    assert answer.body["allowed_actions"][0] == "assign"
    assert {clock["metric"] for clock in answer.body["clocks"]} == {"frt", "res"}


@pytest.mark.parametrize("case_id", ["c0123456789abcde", "nonsense", "..%2F..", "c0123456789abcde'--", "C" * 5000, "é"])
def test_a_case_that_is_not_there(api, case_id):
    for answer in (api.get("/api/cases/{case_id}", case_id=case_id), api.post(NOTE, case_id=case_id)):
        assert (answer.status, answer.body["error"]) == (404, "unknown_case")


# --- acting ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ({"action": "reply", "text": "on it"}, "reply", "open"),
        ({"action": "reply", "text": "on it", "private": True, "then": "wait"}, "reply", "waiting_customer"),
        ({"action": "reply", "text": "on it", "then": "resolve", "to_message_id": "100"}, "reply", "open"),
        ({"action": "note", "text": "hm"}, "note", "new"),
        ({"action": "assign", "to": "bob"}, "assign", "open"),
        ({"action": "assign", "to": None}, "assign", "open"),
        ({"action": "priority", "to": "high"}, "priority", "new"),
        ({"action": "wait"}, "wait", "waiting_customer"),
        ({"action": "hold"}, "hold", "on_hold_internal"),
        ({"action": "resolve"}, "resolve", "resolved"),
        ({"action": "spam"}, "spam", "spam"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else value,
)
def test_every_action(api, body, kind, status):
    answer = api.post(body)
    assert answer.status == 200
    assert {name: answer.body["action"][name] for name in ("kind", "actor", "at", "repeated")} == {
        "kind": kind,
        "actor": "ann",
        "at": "2026-03-03T10:30:00Z",
        "repeated": False,
    }
    assert (answer.body["action"]["reply_id"] is not None) is (kind == "reply")
    assert answer.body["case"]["status"] == status
    assert len(api.desk.events(EventKind(kind))) == 1


@pytest.mark.parametrize(("first", "then"), [("resolve", "reopen"), ("spam", "restore"), ("hold", "open")])
def test_the_way_back(api, first, then):
    assert api.post({"action": first}, key="1").status == 200
    answer = api.post({"action": then}, key="2")
    assert (answer.status, answer.body["case"]["status"]) == (200, "open" if then == "open" else "new")


def test_a_repeat_is_answered_as_the_first_and_does_nothing(api):
    first = api.post({"action": "reply", "text": "on it"})
    before = api.desk.table.everything()
    again = api.post({"action": "reply", "text": "on it"})
    assert again.status == 200
    assert again.body["action"] == {**first.body["action"], "repeated": True}
    assert api.desk.table.everything() == before


@pytest.mark.parametrize("key", [None, "", "x" * 101, "two words", "tab\there", "é"])
def test_an_action_needs_a_key(api, key):
    answer = api.post(NOTE, key=key)
    assert (answer.status, answer.body["error"]) == (400, "idempotency_key")


def test_a_key_that_was_used_for_something_else(api):
    api.post(NOTE)
    answer = api.post({**NOTE, "text": "another"})
    assert (answer.status, answer.body["error"]) == (422, "idempotency_mismatch")


def test_an_action_that_the_status_does_not_allow(api):
    answer = api.post({"action": "reopen"})
    assert (answer.status, answer.body["error"]) == (409, "not_allowed")
    assert "The case is new: reopen is not possible now. Possible: assign, hold," in answer.body["message"]


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ({"action": "reply", "text": "x" * 21}, "too_long", "Too long for this platform."),
        ({"action": "reply", "text": "hello", "to_message_id": "999"}, "invalid", "to_message_id is not"),
        ({"action": "reply", "text": " "}, "invalid", "There is no text."),
        ({"action": "reply", "text": "hello", "then": "spam"}, "invalid", "then takes wait, resolve or null."),
        ({"action": "reply", "text": "hello", "private": "no"}, "invalid", "private takes true, false or null."),
        ({"action": "note"}, "invalid", "text is missing; it takes a text"),
        ({"action": "note", "text": 5}, "invalid", "text takes a text"),
        ({"action": "note", "text": "a\u0000b"}, "invalid", "control characters"),
        ({"action": "note", "text": "x" * 10_001}, "invalid", "10000 are allowed"),
        ({"action": "note", "text": "x", "actor": "bob"}, "invalid", "Its fields here: action, text; no other."),
        ({"action": "assign"}, "invalid", "to is missing; it takes the name of a user"),
        ({"action": "assign", "to": "nobody"}, "invalid", "There is no user nobody"),
        ({"action": "assign", "to": "Robert'); --"}, "invalid", "to takes the name of a user"),
        ({"action": "priority", "to": "whenever"}, "invalid", "to takes low, normal, high or critical."),
        ({"action": "paged"}, "invalid", "action takes one of reply, note"),
        ({"text": "x"}, "invalid", "action takes one of"),
        ({}, "invalid", "action takes one of"),
        ([], "invalid", "The body is a JSON object."),
        ("null", "invalid", "The body is a JSON object."),
        ('{"action": NaN}', "invalid", "action takes one of"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_a_body_that_cannot_be_carried_out(api, body, code, said):
    before = api.desk.table.everything()
    answer = api.post(body)
    assert (answer.status, answer.body["error"]) == (422, code)
    assert said in answer.body["message"]
    assert "Robert" not in answer.body["message"]
    assert api.desk.table.everything() == before


@pytest.mark.parametrize(
    "body", ["", "{", "not json", "{'action': 'note'}", "[" * 60_000, '{"action":"note","text":"\\ud800"}']
)
def test_a_body_that_is_no_json(api, body):
    answer = api.post(body)
    assert (answer.status, answer.body["error"]) == (400, "json")


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""]
)
def test_a_body_of_another_type(api, content_type):
    answer = api.post(NOTE, content_type=content_type)
    assert (answer.status, answer.body["error"]) == (415, "content_type")


def test_a_charset_is_no_other_type(api):
    assert api.post(NOTE, content_type="Application/JSON; charset=utf-8").status == 200


def test_a_body_that_is_too_large(api):
    answer = api.post(json.dumps({"action": "note", "text": "x" * 70_000}))
    assert (answer.status, answer.body["error"]) == (413, "too_large")


def test_the_message_was_deleted(api):
    take(api.desk.cases, [deleted("100", 5)])
    answer = api.post({"action": "reply", "text": "hello", "to_message_id": "100"})
    assert (answer.status, answer.body["error"]) == (422, "deleted")


def test_others_keep_changing_the_case(api, monkeypatch):
    def always_overtaken(*_args, **_kwargs):
        raise Overtaken("12 times")

    monkeypatch.setattr("chalicelib.usecases.act.act", always_overtaken)
    answer = api.post(NOTE)
    assert (answer.status, answer.body["error"], answer.headers["Retry-After"]) == (503, "busy", "1")


def test_what_nobody_expected_is_told_without_details(api, monkeypatch, capsys):
    def broken(*_args, **_kwargs):
        raise RuntimeError("password=hunter2 in the message of an error")

    monkeypatch.setattr(api.desk.cases, "list", broken)
    answer = api.get("/api/cases")
    assert (answer.status, answer.body["error"]) == (500, "internal")
    assert "same Idempotency-Key" in answer.body["message"]
    printed = capsys.readouterr()
    assert "hunter2" not in json.dumps(answer.body) + printed.out + printed.err
    [failed, _] = [json.loads(line) for line in printed.out.splitlines()]
    assert failed["error"] == "RuntimeError"
    assert any("test_api.py:" in place for place in failed["where"])


def test_every_answer_forbids_keeping_and_guessing(api):
    answers = [
        api.get("/api/me"),
        api.get("/api/me", token=None),
        api.post(NOTE),
        api.post("{"),
        api.post(NOTE, key=None),
    ]
    assert [answer.status for answer in answers] == [200, 401, 200, 400, 400]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"] == "application/json"


def test_the_log_holds_who_and_what_but_no_text_and_no_token(api, capsys):
    api.post({"action": "note", "text": "a very private remark"})
    printed = capsys.readouterr()
    [line] = [json.loads(line) for line in printed.out.splitlines()]
    assert {name: line[name] for name in ("route", "user", "status")} == {
        "route": "post_action",
        "user": "ann",
        "status": 200,
    }
    assert "private remark" not in printed.out + printed.err
    assert TOKEN not in printed.out + printed.err


# --- joining two cases ----------------------------------------------------------------------------------------


@pytest.fixture
def second(api):
    """The id of another case of the same customer."""
    take(api.desk.cases, [wrote("200", 5, thread_id="200", text="and my seat is wet")])
    return api.desk.cases.addresses("x", ["200"])["200"].case_id


def case_of(api, message_id="100"):
    return api.desk.cases.addresses("x", [message_id])[message_id].case_id


def join(api, body, **values):
    return api.post(body, route="merge", case_id=values.pop("case_id", case_of(api)), **values)


def test_a_case_joins_another(api, second):
    answer = join(api, {"from": second})
    assert answer.status == 200
    assert {name: answer.body["action"][name] for name in ("kind", "actor", "at", "repeated")} == {
        "kind": "merge",
        "actor": "ann",
        "at": "2026-03-03T10:30:00Z",
        "repeated": False,
    }
    assert answer.body["case"]["case_id"] == case_of(api) == case_of(api, "200")
    again = join(api, {"from": second})
    assert again.body["action"] == {**answer.body["action"], "repeated": True}
    shown = api.get("/api/cases/{case_id}", case_id=second).body
    assert (shown["case_id"], shown["alias_of"]) == (case_of(api), second)
    assert shown["timeline"][-1]["what"] == f"joined case {second} to this one"


def test_a_merge_can_be_looked_at_before(api, second):
    before = api.desk.table.everything()
    answer = join(api, {"from": second, "preview": True}, key=None)
    assert answer.status == 200
    assert (answer.body["case_id"], answer.body["from_id"], answer.body["status"]) == (case_of(api), second, "new")
    assert {
        (clock["metric"], clock["case_id"], clock["outcome"], clock["reason"]) for clock in answer.body["clocks"]
    } == {
        ("frt", case_of(api), "running", None),
        ("res", case_of(api), "running", None),
        ("frt", second, "cancelled", "merged"),
        ("res", second, "cancelled", "merged"),
    }
    assert api.desk.table.everything() == before


def test_what_was_done_in_a_case_that_joined_says_so(api, second):
    api.post(NOTE, case_id=second)
    join(api, {"from": second}, key="k2")
    shown = api.get("/api/cases/{case_id}", case_id=second).body
    assert f"noted (case {second})" in [entry["what"] for entry in shown["timeline"]]


@pytest.mark.parametrize(
    ("body", "status", "code", "said"),
    [
        ({"from": "c0123456789abcde"}, 404, "unknown_case", "There is no case c0123456789abcde."),
        ({"from": "nonsense"}, 404, "unknown_case", "There is no case of that id."),
        ({"from": "SELF"}, 422, "same_case", "is the case itself"),
        ({"from": "OTHERS"}, 422, "other_customer", "Two accounts wrote."),
        (
            {"from": "OTHERS", "other_customer": "yes"},
            422,
            "invalid",
            "other_customer takes true or false.",
        ),
        ({"from": 5}, 422, "invalid", "from takes the id of the case that goes."),
        ({}, 422, "invalid", "from is missing; it takes the id"),
        ({"from": "SELF", "force": True}, 422, "invalid", "Its fields here: from, other_customer, preview; no other."),
        ([], 422, "invalid", "The body"),
        ("{", 400, "json", "not valid JSON"),
    ],
    ids=lambda value: json.dumps(value)[:60],
)
def test_a_merge_that_is_refused(api, second, body, status, code, said):
    take(api.desk.cases, [wrote("300", 6, who="502", thread_id="300")])
    names = {"SELF": case_of(api), "OTHERS": case_of(api, "300")}
    if isinstance(body, dict) and body.get("from") in names:
        body = {**body, "from": names[body["from"]]}
    before = api.desk.table.everything()
    answer = join(api, body)
    assert (answer.status, answer.body["error"]) == (status, code)
    assert said in answer.body["message"]
    assert api.desk.table.everything() == before


def test_a_merge_needs_a_token_and_a_key(api, second):
    assert join(api, {"from": second}, token="wrong" + "0" * 38).status == 401
    answer = join(api, {"from": second}, key=None)
    assert (answer.status, answer.body["error"]) == (400, "idempotency_key")
    assert case_of(api, "200") == second


def test_two_accounts_in_one_case(api, second):
    take(api.desk.cases, [wrote("300", 6, who="502", thread_id="300")])
    answer = join(api, {"from": case_of(api, "300"), "other_customer": True})
    assert (answer.status, answer.body["case"]["case_id"]) == (200, case_of(api))
    assert join(api, {"from": second}, key="k2", case_id=case_of(api, "300")).status == 200
    answer = join(api, {"from": second}, key="k3")
    assert (answer.status, answer.body["error"]) == (422, "already_merged")


# --- anything at all ------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    ["action", "text", "to", "then", "private", "to_message_id", "reply", "note", "assign", "priority", "wait",
     "resolve", "reopen", "restore", "100", "ann", "high", ""]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4))
NEAR_MISSES = st.fixed_dictionaries(
    {"action": st.sampled_from(["reply", "note", "assign", "priority", "wait", "restore", "x"])},
    optional={
        "text": st.text() | SCALARS,
        "to": SCALARS,
        "then": SCALARS,
        "private": SCALARS,
        "to_message_id": SCALARS,
    },
)


@pytest.fixture(scope="module")
def long_lived(app):
    """One case for all examples: what they leave behind is part of the trial."""
    with pytest.MonkeyPatch.context() as patch:
        from chalicelib import bootstrap

        desk = Desk()
        desk.ports.users.rotate("ann", TOKEN, at(0))
        patch.setattr(bootstrap, "users", lambda: desk.ports.users)
        patch.setattr(bootstrap, "cases", lambda: desk.cases)
        patch.setattr(bootstrap, "act_ports", lambda: desk.ports)
        patch.setattr(bootstrap, "now", lambda: lambda: at(30))
        yield Api(app, desk)


@settings(max_examples=300, deadline=None)
@given(body=VALUES | NEAR_MISSES, number=st.integers(0, 5))
def test_no_json_breaks_it(long_lived, body, number):
    answer = long_lived.post(json.dumps(body), key=f"k{number}")
    assert answer.status in (200, 400, 409, 422)
    assert answer.status == 200 or set(answer.body) == {"error", "message"}


@settings(max_examples=150, deadline=None)
@given(body=st.text(), key=st.text(max_size=120), case_id=st.text(min_size=1, max_size=20), token=st.text(max_size=60))
def test_no_text_breaks_it(long_lived, body, key, case_id, token):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    assert long_lived.post(body, headers=headers).status == 401
    headers["Authorization"] = f"Bearer {TOKEN}"
    assert long_lived.call(
        "POST", "/api/cases/{case_id}/actions", {"case_id": case_id}, body=body, headers=headers
    ).status in (400, 404, 422)
    assert long_lived.call("GET", "/api/cases/{case_id}", {"case_id": case_id}, headers=headers).status == 404


# --- what it costs a webhook ----------------------------------------------------------------------------------


def test_the_routes_load_nothing_of_their_own_until_they_are_called():
    script = "import chalicelib.entrypoints.api, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True, env={"STAGE": "local"}
    ).stdout.split()
    assert "chalice" in loaded
    assert not {
        "pydantic",
        "chalicelib.usecases.act",
        "chalicelib.usecases.show",
        "chalicelib.entrypoints.api_models",
    } & {*loaded}


def test_an_answer_asked_for_through_the_api_is_the_one_in_the_outbox(api):
    answer = api.post({"action": "reply", "text": "on it"}, key="k")
    again = api.desk.act(AnswerCustomer(text="on it"), key="k", minutes=60)
    assert again.repeated
    assert api.desk.state.outbox == (answer.body["action"]["reply_id"],)


# --- how large an answer may be -------------------------------------------------------------------------------

WORST = ("ط", "😀", '"', "\\", "\x01", "<", "\u2028")  # each is escaped, once or twice, on its way into an answer


@pytest.mark.parametrize("char", WORST, ids=ascii)
def test_no_answer_with_texts_is_larger_than_a_function_may_give(api, char):
    facts = (wrote(str(200 + n), 2 + n / 60, parent_id="100", text=f"{n} {char * 7_900}") for n in range(150))
    take(api.desk.cases, facts)
    query = None
    for _ in range(30):
        answer = api.get("/api/cases/{case_id}", case_id=api.desk.case_id, query=query)
        assert (answer.status, answer.size < MOST_ANSWER_BYTES) == (200, True)
        if not answer.body["left_out"]:
            break
        query = {"first": str(answer.body["left_out"])}
    assert not answer.body["left_out"]
    assert api.get("/api/cases", query={"limit": "200"}).size < MOST_ANSWER_BYTES
    from chalicelib.console import case as drawing
    from chalicelib.console.rendering import Frame
    from chalicelib.usecases.show import show

    view = show(api.desk.case_id, store=api.desk.cases, now=at(60))
    frame = Frame(prefix="", user="ann", stage="local", now=at(60))
    page = drawing.draw(view, frame)
    assert len(json.dumps({"body": page}).encode()) < MOST_ANSWER_BYTES
    assert f'{view.left_out} older entries: <a href="console/c/{view.case_id}?first={view.left_out}">' in page
    older = show(api.desk.case_id, store=api.desk.cases, now=at(60), first=view.left_out)
    page = drawing.draw(older, frame)
    assert f'{older.newer} newer entries: <a href="console/c/{view.case_id}">' in page


# --- the page that describes it -------------------------------------------------------------------------------


def test_the_page_names_every_route_action_field_and_error(app):
    from chalicelib.entrypoints import api as routes
    from chalicelib.entrypoints import api_models, errors, session

    page = (ROOT / "docs" / "api.md").read_text()
    for path, methods in app.routes.items():
        for method in methods:
            assert not path.startswith("/api/") or f"`{method} {path}`" in page
    source = "".join(Path(module.__file__ or "").read_text() for module in (routes, errors, session, act, merging))
    codes = {*re.findall(r'\b\d{3},\s*"(\w+)"', source), *re.findall(r'code="(\w+)"', source)}
    codes -= {"unknown_link", "name_needed"}  # of the links in alerts, which are pages
    assert {"unauthorised", "unknown_case", "deleted"} <= codes
    fields = {name for model in api_models.BODIES for name in model.model_fields}
    fields |= {field.alias or name for name, field in api_models.Merge.model_fields.items()}
    for word in (*api_models.ACTIONS, *codes, *fields):
        assert f"`{word}`" in page, word
