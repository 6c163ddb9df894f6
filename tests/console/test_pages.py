"""The console, called as API Gateway calls it."""

import re
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.incidents import TableIncidents
from chalicelib.domain.customer import ChangeKind
from chalicelib.domain.events import EventKind
from chalicelib.domain.facts import Author, Media
from chalicelib.domain.labels import UNLABELLED, Label, Sentiment, Verdict
from chalicelib.entrypoints import edge
from chalicelib.ports.cases import Labelled
from chalicelib.usecases import casework, customer_record
from chalicelib.usecases.act import Assign, MoveCase
from infra.paths import ROOT
from tests.console.site import Page, Site
from tests.usecases.test_act import Desk
from tests.usecases.world import PROMISES, at, deleted, no_waiting, ports, take, wrote

TOKEN = "ann" + "0" * 40
BASES = ["/prod", "/_aws/execute-api/a1b2c3/local", ""]


@pytest.fixture(scope="module")
def app():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAGE", "local")
        yield import_module("app").app


def opened(app, monkeypatch, *facts):
    from chalicelib import bootstrap

    desk = Desk(*facts)
    desk.ports.users.rotate("ann", TOKEN, at(0))
    monkeypatch.setattr(bootstrap, "users", lambda: desk.ports.users)
    monkeypatch.setattr(bootstrap, "cases", lambda: desk.cases)
    monkeypatch.setattr(bootstrap, "incidents", lambda: TableIncidents(desk.table))
    monkeypatch.setattr(bootstrap, "now", lambda: lambda: at(30))
    return Site(app, desk)


@pytest.fixture
def site(app, monkeypatch):
    return opened(app, monkeypatch)


@pytest.fixture
def inside(site):
    assert site.sign_in(TOKEN).status == 303
    return site


# --- the way in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/console", "/console/c/c0123456789abcde", "/console/c/nonsense"])
def test_without_a_session_there_is_only_the_form(site, path):
    answer = site.get(path)
    assert answer.status == 401
    assert "Your token" in answer.page.text
    assert "bag" not in answer.body
    assert not answer.cookie


def test_a_token_opens_the_list(site):
    answer = site.sign_in(TOKEN)
    assert (answer.status, answer.headers["Location"]) == (303, "../console")
    listed = site.get("/console")
    assert listed.status == 200
    assert "my bag is lost" in listed.page.text
    assert "ann" in listed.page.text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(site):
    cookie = site.sign_in(TOKEN).cookie
    assert cookie.startswith(f"earshot={TOKEN}; ")
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "SameSite=Strict"}


def test_beyond_this_machine_the_cookie_travels_encrypted_only(site, monkeypatch):
    from chalicelib import bootstrap
    from chalicelib.config import Settings

    monkeypatch.setattr(bootstrap, "settings", lambda: Settings(stage="prod"))
    cookie = site.sign_in(TOKEN).cookie
    assert cookie.startswith("__Secure-earshot=")
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "SameSite=Strict", "Secure"}
    assert site.get("/console").status == 200


@pytest.mark.parametrize(
    "token", ["", "short", "wrong" + "0" * 38, f"{TOKEN}x", f"{TOKEN} {TOKEN}", "é" * 43, "a;b" * 20, "x" * 5000]
)
def test_a_wrong_token_is_said_to_be_wrong_and_never_shown(site, token):
    answer = site.sign_in(token)
    assert answer.status == 401
    assert "not valid" in answer.page.text
    assert not answer.cookie
    assert len(token) < 3 or token not in answer.body


def test_a_void_token_ends_the_session(inside):
    inside.desk.ports.users.remove("ann")
    answer = inside.get("/console")
    assert answer.status == 401
    assert "not valid any more" in answer.page.text
    assert "Max-Age=0" in answer.cookie


def test_signing_out_forgets_the_session(inside):
    answer = inside.post("/console/sign-out", {})
    assert (answer.status, answer.headers["Location"]) == (303, "../console")
    assert re.match(r"earshot=; .*Max-Age=0", answer.cookie)


@pytest.mark.parametrize("site_of_origin", ["cross-site", "same-site"])
def test_no_other_page_can_sign_anybody_in_or_out(inside, site_of_origin):
    headers = {"Sec-Fetch-Site": site_of_origin}
    assert inside.post("/console/sign-in", {"token": TOKEN}, headers=headers).status == 401
    assert not inside.post("/console/sign-out", {}, headers=headers).cookie


PAGES = [
    route
    for route, methods in import_module("app").app.routes.items()
    if route.startswith("/console") and "GET" in methods
]


@pytest.mark.parametrize("route", PAGES)
@pytest.mark.parametrize("query", [None, {"closed": "true"}])
def test_signing_in_leads_back_to_every_page(site, route, query):
    path = route.format(case_id=site.desk.case_id, incident_id="i0123456789abcde")
    form = site.get(path, query=query)
    assert form.status == 401
    [to] = [attrs["value"] for attrs in (dict(attrs) for _, attrs in form.page.elements) if attrs.get("name") == "to"]
    answer = site.sign_in(TOKEN, to=to)
    assert answer.status == 303
    back = urljoin(answer.url, answer.headers["Location"])
    assert back == f"{site.base}{path}" + ("?closed=true" if query else "")


def test_a_link_from_a_mail_is_asked_for_again_with_the_cookie(site):
    """The browser withholds a strict cookie when another site's page leads here."""
    case_id = site.desk.case_id
    first = site.get(f"/console/c/{case_id}", headers={"Sec-Fetch-Site": "cross-site"})
    assert ("meta", (("http-equiv", "refresh"), ("content", "0"))) in first.page.elements
    again = site.get(f"/console/c/{case_id}", headers={"Sec-Fetch-Site": "same-origin"})
    assert "refresh" not in again.body
    assert again.status == 401


@pytest.mark.parametrize(
    "where",
    ["//evil.example", "https://evil.example", "../../x", "c" + "0" * 16, "", "console//evil.example", "console/../x"],
)
def test_signing_in_leads_nowhere_else(site, where):
    assert site.sign_in(TOKEN, to=where).headers["Location"] == "../console"


@given(st.one_of(st.text(max_size=60), st.text(alphabet="console/.:?#@%\\-ce0", max_size=30).map("console".__add__)))
def test_no_place_to_go_back_to_leads_out_of_the_console(where):
    found = edge.page(where)
    away = urlsplit(urljoin("https://api.example/prod/console/sign-in", f"../{found or 'console'}"))
    assert (away.scheme, away.netloc) == ("https", "api.example")
    assert away.path == "/prod/console" or away.path.startswith("/prod/console/")


@pytest.mark.parametrize(
    ("case_id", "where"),
    [("c0123456789abcde", "../console/c/c0123456789abcde"), ("//evil.example", "../console"), ("x", "../console")],
)
def test_the_short_address_of_a_case_leads_into_the_console(site, case_id, where):
    answer = site.get(f"/c/{case_id}")
    assert (answer.status, answer.headers["Location"], answer.cookie) == (303, where, "")


# --- every page -------------------------------------------------------------------------------------------------


def test_every_page_is_shut_to_everything_that_is_not_ours(inside):
    answers = [
        inside.get("/console"),
        inside.get(f"/console/c/{inside.desk.case_id}"),
        inside.get("/console/c/c000000000000000"),
        inside.post("/console/sign-in", {"token": "wrong"}),
        inside.post("/console/sign-out", {}),
    ]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


def test_the_policy_lets_in_the_page_s_own_stylesheet_and_nothing_else(inside):
    import base64
    from hashlib import sha256

    answer = inside.get("/console")
    style = re.search(r"<style>(.*?)</style>", answer.body, re.DOTALL)[1]
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert "style=" not in answer.body
    assert "<script" not in answer.body


@pytest.mark.parametrize("base", BASES)
def test_links_work_wherever_the_api_stands(app, monkeypatch, base):
    site = opened(app, monkeypatch)
    site.base = base
    site.sign_in(TOKEN)
    case = f"/console/c/{site.desk.case_id}"
    known = ("/console", "/console?closed=true", "/console/incidents", "/console/causes", "/console/sign-out", case)
    allowed = {f"{base}{path}" for path in known}
    for path in ("/console", "/console/", case):
        answer = site.get(path)
        assert set(answer.page.links(answer.url)) <= allowed
    listed = site.get("/console")
    assert f"{base}{case}" in listed.page.links(listed.url)
    wrong = site.post("/console/sign-in", {"token": "wrong"})
    assert wrong.page.links(wrong.url) == [f"{base}/console/sign-in"]


def test_what_breaks_is_a_page_without_a_trace(inside, monkeypatch, capsys):
    from chalicelib import bootstrap

    class Broken:
        def list(self, **_):
            raise RuntimeError("a secret of the house")

    monkeypatch.setattr(bootstrap, "cases", Broken)
    answer = inside.get("/console")
    assert answer.status == 500
    assert "Something broke on our side" in answer.page.text
    assert "secret of the house" not in answer.body
    log = capsys.readouterr().out
    assert '"error": "RuntimeError"' in log
    assert "secret of the house" not in log


@pytest.mark.parametrize("case_id", ["c000000000000000", "nonsense", "c'><script>"])
def test_an_unknown_case_is_said_to_be_unknown(inside, case_id):
    answer = inside.get(f"/console/c/{case_id}")
    assert answer.status == 404
    assert "no case of that id" in answer.page.text
    assert "<script>" not in answer.body


def test_nobody_s_words_reach_the_log(inside, capsys):
    inside.get("/console")
    inside.get(f"/console/c/{inside.desk.case_id}")
    log = capsys.readouterr().out
    assert '"message": "console"' in log
    assert "bag" not in log
    assert TOKEN not in log


def test_the_routes_load_nothing_until_somebody_comes():
    loaded = (
        "import os, sys; os.environ['STAGE'] = 'local'; import chalicelib.entrypoints.console; "
        "print(sorted(name for name in sys.modules if name.startswith(('chalicelib.console', 'chalicelib.usecases'))))"
    )
    out = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


# --- the list ---------------------------------------------------------------------------------------------------


def names(page: Page) -> list[str]:
    return re.findall(r"h\d{3}", page.text)


def test_who_is_overdue_comes_first_then_what_breaks_next(app, monkeypatch):
    facts = [wrote("300", 20, who="503"), wrote("100", -45, who="501"), wrote("200", -20, who="502")]
    site = opened(app, monkeypatch, *facts)
    site.sign_in(TOKEN)
    page = site.get("/console").page
    assert names(page) == ["h501", "h502", "h503"]
    assert "overdue by 15 min" in page.text
    assert "due in 10 min" in page.text
    assert "waiting 50 min" in page.text


def test_an_empty_list_says_so(app, monkeypatch):
    site = opened(app, monkeypatch)
    site.desk.act(MoveCase(kind=EventKind.RESOLVE))
    site.sign_in(TOKEN)
    assert "Nobody is waiting" in site.get("/console").page.text
    assert "my bag is lost" in site.get("/console", query={"closed": "true"}).page.text


def test_nothing_closed_says_so(inside):
    assert "Nothing has been closed yet" in inside.get("/console", query={"closed": "true"}).page.text


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"author": Author(id="501", handle="ada", followers=38_400)}, "X, 38,400 followers"),
        ({"author": Author(id="501", handle="ada", followers=5), "private": True, "thread_id": "t"}, "X, in private"),
        ({"author": Author(id="501", handle="ada")}, "X, in public"),
        ({"author": Author(id="247000000000034")}, "somebody …0034"),
        ({"author": None}, "somebody"),
        ({"text": None}, "no text"),
        ({"text": "long " * 200}, "…"),
    ],
)
def test_a_row_says_who_and_where(app, monkeypatch, values, shown):
    site = opened(app, monkeypatch, wrote("100", 0, **values) if "author" not in values else _by(**values))
    site.sign_in(TOKEN)
    assert shown in site.get("/console").page.text


def _by(author, **values):
    from dataclasses import replace

    return replace(wrote("100", 0, **values), author=author)


def test_the_assignee_is_named(inside):
    inside.desk.act(Assign(to="bob"))
    assert "with bob" in inside.get("/console").page.text


# --- one case ---------------------------------------------------------------------------------------------------


def test_a_case_shows_what_happened_and_what_was_promised(inside):
    inside.desk.act(Assign(to="bob"))
    text = inside.get(f"/console/c/{inside.desk.case_id}").page.text
    for shown in ("h501", "my bag is lost", "gave it to bob", "first reply", "due in 30 min", "waited 30 min"):
        assert shown in text


def test_a_cut_text_and_a_shared_page_are_shown_with_the_whole_address(app, monkeypatch):
    link = Media(kind="link", url="https://evil.example/refund?a=1&b=2", title="<b>Larkspur refunds</b>")
    site = opened(app, monkeypatch, wrote("100", 0, text="where is…", cut=True, media=(link,)))
    site.sign_in(TOKEN)
    body = site.get(f"/console/c/{site.desk.case_id}").body
    assert "Only the beginning of this text came" in body
    assert "https://evil.example/refund?a=1&amp;b=2" in body
    assert "&lt;b&gt;Larkspur refunds&lt;/b&gt;" in body
    assert 'href="https://evil.example' not in body


def test_a_deleted_message_shows_that_it_is_gone(app, monkeypatch):
    site = opened(app, monkeypatch, wrote("100", 0, text="my full name"), wrote("101", 1, parent_id="100"))
    take(site.desk.cases, [deleted("100", 5)])
    site.sign_in(TOKEN)
    answer = site.get(f"/console/c/{site.desk.case_id}")
    assert "Deleted by its author." in answer.page.text
    assert "my full name" not in answer.body


@pytest.mark.parametrize(
    ("permalink", "linked"),
    [
        ("https://x.com/ada/status/100", True),
        ("javascript:alert(1)", False),
        ("http://x.com/ada", False),
        ("data:text/html,x", False),
        (' https://x.com/"onmouseover="x', False),
        ("https://x.com/'\"><script>", True),
    ],
)
def test_only_the_web_is_linked(app, monkeypatch, permalink, linked):
    site = opened(app, monkeypatch, wrote("100", 0, permalink=permalink))
    site.sign_in(TOKEN)
    page = site.get(f"/console/c/{site.desk.case_id}").page
    outside = [dict(attrs) for tag, attrs in page.elements if tag == "a" and dict(attrs).get("rel")]
    assert [link["href"] for link in outside] == ([permalink] if linked else [])
    assert "script" not in [tag for tag, _ in page.elements]


def test_an_answer_that_arrived_is_shown_once(inside):
    from chalicelib.usecases.act import AnswerCustomer

    result = inside.desk.act(AnswerCustomer(text="on it"), minutes=20)
    before = inside.get(f"/console/c/{inside.desk.case_id}").page.text
    assert "asked to answer" in before
    assert "On its way" in before
    inside.desk.receipt(result, 22)
    after = inside.get(f"/console/c/{inside.desk.case_id}").page.text
    assert "asked to answer" not in after
    assert after.count("on it") == 1


def drawn_with(site, **values):
    """The page of the site's case, with other values in its view."""
    from chalicelib.console import case as drawing
    from chalicelib.console.rendering import Frame
    from chalicelib.usecases.show import show

    view = show(site.desk.case_id, store=site.desk.cases, now=at(30))
    frame = Frame(prefix="", user="ann", stage="local", now=at(30))
    return Page.of(drawing.draw(replace(view, **values), frame)).text


@pytest.mark.parametrize("who", [["Ada"], ["Ada", "Bea"], ["Ada", "Bea", "Cleo"]])
def test_everybody_who_waits_is_named_also_the_last_one(inside, who):
    from chalicelib.usecases.show import WaiterView

    waiters = tuple(WaiterView(name=name, since=at(10 + n), message_id="1") for n, name in enumerate(who))
    said = " ".join(f"{name} {20 - n} min, since 10:{10 + n}" for n, name in enumerate(who))
    assert f"Waiting{said} Priority" in drawn_with(inside, waiters=waiters)


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        ("queued", "On its way"),
        ("sending", "On its way"),
        ("uncertain", "Not known whether it was sent"),
        ("failed", "Stuck: not sent"),
        ("dropped", "Stuck: not sent"),
    ],
)
def test_an_answer_stands_under_a_heading_that_says_how_it_stands(inside, status, heading):
    from chalicelib.usecases.act import AnswerCustomer
    from chalicelib.usecases.show import show

    inside.desk.act(AnswerCustomer(text="we refund"), minutes=20)
    [reply] = show(inside.desk.case_id, store=inside.desk.cases, now=at(30)).outbox
    text = drawn_with(inside, outbox=(replace(reply, status=status),))
    headings = {"On its way", "Not known whether it was sent", "Stuck: not sent"}
    assert {one for one in headings if f"{one} ann {status}" in text} == {heading}
    assert {one for one in headings - {heading} if one in text} == set()


# --- strangers' words are data ------------------------------------------------------------------------------------

MARKUP = st.sampled_from(
    ["<", ">", "&", '"', "'", "</style>", "<script>alert(1)</script>", "<!--", "-->", "]]>", "{who}", "{", "}", "%s",
     "&lt;", "<img src=x onerror=y>", "</bdi></main>", "\u202e", "\u2066", "\x00", "\r\n", "\ud800", "$x", "`"]
)  # fmt: skip
NASTY = st.lists(MARKUP | st.text(max_size=5), min_size=1, max_size=12).map("".join)


@settings(max_examples=60, deadline=None)
@given(text=NASTY, name=NASTY, handle=NASTY)
def test_no_words_change_the_shape_of_a_page(app, text, name, handle):
    def shapes(text, name, handle):
        with pytest.MonkeyPatch.context() as patch:
            fact = _by(Author(id="501", name=name, handle=handle), text=f"x{text}", lang="en")
            site = opened(app, patch, fact)
            site.sign_in(TOKEN)
            return [site.get(path).page.shape for path in ("/console", f"/console/c/{site.desk.case_id}")]

    harmless = shapes("x", "x", "x")
    assert shapes(text, name, handle) == harmless


@given(text=NASTY)
def test_everything_put_into_a_template_is_escaped_once(text):
    from jinja2 import DictLoader

    from chalicelib.console.rendering import environment
    from chalicelib.console.words import visible

    templates = {
        "a": '{% from "b" import b %}<p title="{{ text }}">{{ text }}</p>{{ b(text) }}{{ text | stranger }}',
        "b": "{% macro b(text) %}<b>{{ text }}</b>{% endmacro %}",
    }
    page = Page.of(environment(DictLoader(templates)).get_template("a").render(text=text))
    assert page.shape == [("p", ("title",)), ("b", ()), ("bdi", ("dir",))]
    assert "".join(page.words) == visible(text) * 3
    assert dict(page.elements[0][1])["title"] == visible(text)


@given(text=st.text())
def test_what_is_shown_can_be_sent_and_turns_nothing_around(text):
    from chalicelib.console.words import visible

    shown = visible(text)
    shown.encode()
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x00\x1b")
    assert visible(shown) == shown


def test_plain_words_stay_as_they_are():
    from chalicelib.console.words import visible

    assert visible("Tromsø 🇳🇴 שלום\nline two") == "Tromsø 🇳🇴 שלום\nline two"


# --- the customer, and where a case stands --------------------------------------------------------------------------


def recorded(site, kind, value, key, *, due_on=None):
    desk = site.desk
    ports = customer_record.Ports(
        store=desk.cases, promises=PROMISES, backoff=no_waiting, tiers=desk.cases.weights.tiers
    )
    wanted = customer_record.RecordRequest(
        kind=ChangeKind(kind), value=value, due_on=due_on, actor="ann", idempotency_key=key
    )
    return customer_record.remember(desk.case_id, wanted, ports=ports, now=at(20))


def test_the_case_shows_who_the_customer_is_and_what_they_were_promised(inside):
    page = inside.get(f"/console/c/{inside.desk.case_id}").page
    assert "The customer Tiernone Complaints in 30 days0 May be callednobody has asked" in page.text
    recorded(inside, "tier", "gold", "1")
    recorded(inside, "tag", "press", "2")
    recorded(inside, "consent", "by <b>chat</b>", "3")
    recorded(inside, "promise", "we <i>refund</i>", "4", due_on="2026-03-01")
    page = inside.get(f"/console/c/{inside.desk.case_id}").page
    assert "Tiergold Tagspress" in page.text
    assert "May be calledyes, ann, 10:20: by <b>chat</b>" in page.text
    assert "we <i>refund</i> was due 2026-03-01 said ann" in page.text
    assert "ann set the customer's tier to gold" in page.text


def test_the_case_shows_the_whole_sum(inside):
    recorded(inside, "tier", "gold", "1")
    page = inside.get(f"/console/c/{inside.desk.case_id}").page
    assert (
        "Why it stands where it stands gold customer+45 first reply promised within 1 h+45 waiting 30 min+30 "
        "Points, each worth 1 min of waiting120"
    ) in page.text


def test_each_line_of_the_list_says_why_it_stands_there(app, monkeypatch):
    loud = replace(wrote("200", 25, who="502"), author=Author(id="502", handle="h502", followers=2_000_000))
    site = opened(app, monkeypatch, wrote("100", 20, who="501"), loud)
    site.sign_in(TOKEN)
    page = site.get("/console").page
    assert names(page) == ["h502", "h501"]
    assert (
        "first reply due in 55 min my bag is lost 2,000,000 followers waiting 5 min X, 2,000,000 followers" in page.text
    )


def test_other_cases_say_their_tone(app, monkeypatch):
    site = opened(app, monkeypatch, wrote("100", 0))
    labels = replace(UNLABELLED, sentiment=Label(Sentiment.NEGATIVE, 0.9), complaint=Label(Verdict.YES, 0.9))
    casework.take([Labelled(fact=wrote("200", 5, text="the seat"), labels=labels)], ports(site.desk.cases))
    site.sign_in(TOKEN)
    [bag] = [case.case_id for case in site.desk.cases.list(closed=False, limit=9) if case.text != "the seat"]
    page = site.get(f"/console/c/{bag}").page
    assert "Also from them the seat negative new, 10:05, a complaint" in page.text


def test_a_closed_case_stands_nowhere(inside):
    inside.desk.act(MoveCase(kind=EventKind.RESOLVE), minutes=25)
    assert "Why it stands" not in inside.get(f"/console/c/{inside.desk.case_id}").page.text
