"""The links in pages, called as API Gateway calls them."""

import base64
import json
import re
from html.parser import HTMLParser
from importlib import import_module
from types import SimpleNamespace

import pytest

from chalicelib import bootstrap
from chalicelib.usecases import acknowledge
from tests.usecases.sweeps import P_VIP, Story, mention, moment, reply
from tests.usecases.world import no_waiting

DAY = "2026-03-07"
FORM = "application/x-www-form-urlencoded"


class Phone:
    """The deployed handler over a story; it is 12:20."""

    def __init__(self, app, story):
        self.app, self.story = app, story

    @property
    def code(self):
        return self.story.codes()[0]

    def call(self, method, code=None, *, body=None, headers=None):
        code = self.code if code is None else code
        event = {
            "resource": "/a/{code}",
            "path": f"/a/{code}",
            "httpMethod": method,
            "headers": headers or {},
            "multiValueHeaders": {name: [value] for name, value in (headers or {}).items()},
            "queryStringParameters": None,
            "multiValueQueryStringParameters": None,
            "pathParameters": {"code": code},
            "stageVariables": None,
            "requestContext": {
                "resourcePath": "/a/{code}",
                "path": f"/api/a/{code}",
                "httpMethod": method,
                "identity": {"sourceIp": "192.0.2.1"},
            },
            "body": base64.b64encode(body.encode()).decode() if body is not None else None,
            "isBase64Encoded": body is not None,
        }
        answer = self.app(event, SimpleNamespace(aws_request_id="1"))
        headers = {**answer["headers"], **{k: v[-1] for k, v in answer.get("multiValueHeaders", {}).items()}}
        return SimpleNamespace(status=answer["statusCode"], headers=headers, body=answer["body"])

    def press(self, name="name=Ada+L.", **headers):
        sent = {"Content-Type": FORM, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.call("POST", body=name, headers=sent)


@pytest.fixture(scope="module")
def app():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAGE", "local")
        yield import_module("app").app


@pytest.fixture
def phone(app, monkeypatch):
    story = Story(P_VIP, mention("100", f"{DAY} 12:00"), reply("101", f"{DAY} 12:40", parent_id="100"))
    story.until(f"{DAY} 12:00", f"{DAY} 12:19")
    ports = acknowledge.Ports(store=story.cases, promises=story.promises, backoff=no_waiting)
    monkeypatch.setattr(bootstrap, "acknowledge_ports", lambda: ports)
    monkeypatch.setattr(bootstrap, "now", lambda: lambda: moment(f"{DAY} 12:20"))
    return Phone(app, story)


def text_of(document):
    found = []
    parser = HTMLParser()
    parser.handle_data = found.append
    parser.feed(re.sub(r"<style>.*?</style>", "", document, flags=re.DOTALL))
    return " ".join(" ".join(found).split())


def test_it_says_who_waits_since_when_and_what_broke(phone):
    answer = phone.call("GET")
    assert answer.status == 200
    said = text_of(answer.body)
    assert "ada on X waits for a first reply: 20 min, since 12:00 ." in said
    assert "Promised within 15 min; broken since 12:15 ." in said
    assert 'href="../console/c/' in answer.body
    assert 'form method="post"' in answer.body


def test_it_is_not_kept_framed_named_to_others_or_able_to_run_anything(phone):
    headers = phone.call("GET").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "same-origin")
    assert headers["X-Robots-Tag"] == "noindex"


def test_following_the_link_changes_nothing(phone):
    before = phone.story.table.everything()
    for _ in range(3):
        assert phone.call("GET", headers={"User-Agent": "a mail scanner"}).status == 200
    assert phone.story.table.everything() == before


def test_the_button_takes_it_on_and_the_next_to_come_sees_who_did(phone):
    pressed = phone.press()
    assert pressed.status == 200
    assert "Somebody (says: “Ada L.”) is on it since 12:20 . Nobody else is called until 12:50 ." in text_of(
        pressed.body
    )
    again = phone.press("name=Bo")
    assert "Somebody (says: “Ada L.”) is on it since 12:20" in text_of(again.body)
    assert "<form" not in again.body


def test_without_a_name_nothing_happens(phone):
    before = phone.story.table.everything()
    answer = phone.press("name=+++")
    assert (answer.status, phone.story.table.everything()) == (422, before)
    assert "Say who you are" in text_of(answer.body)


@pytest.mark.parametrize("body", ["name=" + "a" * 5000, "\x00", "a=1&" * 50])
def test_a_form_that_is_none_changes_nothing(phone, body):
    before = phone.story.table.everything()
    assert phone.press(body).status == 422
    assert phone.story.table.everything() == before


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_of_another_site_changes_nothing(phone, site):
    before = phone.story.table.everything()
    assert phone.press(sec_fetch_site=site).status == 403
    assert phone.story.table.everything() == before


def test_only_a_form_is_taken(phone):
    before = phone.story.table.everything()
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        assert phone.call("POST", body="name=Ada", headers={"Content-Type": content_type}).status == 422
    assert phone.story.table.everything() == before


@pytest.mark.parametrize("code", ["a" * 16, "nonsense", "%2e%2e"])
def test_a_link_of_nobody_says_so(phone, code):
    answer = phone.call("GET", code)
    assert answer.status == 404
    assert "not valid" in text_of(answer.body)


def test_once_it_is_over_there_is_no_button(phone):
    phone.story.until(f"{DAY} 12:20", f"{DAY} 12:41")
    answer = phone.call("GET")
    assert "There is nothing to do" in text_of(answer.body)
    assert "<form" not in answer.body


def test_a_name_cannot_become_markup(phone):
    pressed = phone.press("name=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script" not in pressed.body
    assert "&lt;script&gt;" in pressed.body


def test_no_code_and_no_name_is_logged(phone, capsys):
    phone.call("GET")
    phone.press("name=Somebody")
    out = capsys.readouterr().out
    assert phone.code not in out
    assert "Somebody" not in out
    assert [json.loads(line)["route"] for line in out.splitlines()] == ["ack_page", "ack"]


def test_what_breaks_on_our_side_is_a_page_without_a_trace(phone, monkeypatch):
    def broken():
        raise RuntimeError("the table is away")

    monkeypatch.setattr(bootstrap, "acknowledge_ports", broken)
    answer = phone.call("GET")
    assert answer.status == 500
    assert "the table is away" not in answer.body
