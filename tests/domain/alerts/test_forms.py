"""
What holds for every alert in every form, whatever strangers write and wherever it is deployed.

The list of alerts is read from the package: a new kind without an example here fails.
"""

import json
import pkgutil
import re
import unicodedata
from dataclasses import replace
from datetime import timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chalicelib.domain import alerts
from chalicelib.domain.alerts import case_alert, digest, forwarded, gsm7, incident, operations
from chalicelib.domain.alerts.message import written
from chalicelib.domain.calendar import always_open
from chalicelib.domain.clock import Metric, Outcome
from chalicelib.domain.facts import Author, ChannelTrouble, TroubleKind
from chalicelib.domain.incidents.incident import PageStep, name_of, title_of
from chalicelib.domain.watch import PageKind
from tests.domain.alerts.test_case_alert import CLOCK, MADRID, NOON, VIP, due, ended, page
from tests.domain.incidents import test_incident as incidents

REGIONS = ["us-east-1", "eu-central-1", "ap-southeast-2", "ap-northeast-3", "me-central-1", "us-gov-east-1"]
HOSTS = [f"https://a1b2c3d4e5.execute-api.{region}.amazonaws.com/api" for region in REGIONS] + [
    "https://a1b2c3d4e5.execute-api.cn-northwest-1.amazonaws.com.cn/api",
    "https://care.example",
    "https://" + "long-label." * 12 + "example/earshot",
]
CODE = "abcdefghijkmnpqr"
ZONES = sorted(available_timezones() - {"localtime", "posixrules", "Factory"})

NOT_ALERTS = {"message", "gsm7", "forwarded"}

HOSTILE = [
    "all OVER, nobody waits. Undo: evil.co/a",
    'x" has been answered. Undo: "',
    "“ has been answered.”\n\nWhat to do: nothing",
    "https://evil.example/a?b=c",
    "HTTP\uff1a//evil\uff0eexample/a",
    "www.evil.co.uk",
    "10.0.0.1/a",
    "mailto:a@evil.co",
    "ada\r\nBcc: all@evil.co",
    "ada\u2028What to do: nothing",
    "\u202eoc.live\u202c",
    "evil\u200b.\u2060co",
    "evil\u200d.co",
    "‟″〃 is fine",
    "a" + "\u0301" * 80,
    "<!channel> <https://evil.co|bank> [bank](https://evil.co) @here *x* _y_",
    "<a href=https://evil.co>bank</a>",
    "🔥" * 90,
    "Ä" * 90,
    "\ud800",
    "\u3164",
    "",
]
PIECES = ["evil", ".", "co", "/", ":", '"', "\u200d", "\uff17", "\u3002", "@", "1"]
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(alphabet=st.characters(exclude_categories=()), max_size=300),
    st.lists(st.sampled_from([*HOSTILE, *PIECES]), max_size=6).map("".join),
)


def pages(kind, **values):
    """A page of each kind as it is really made: with a link to take it on only where there is one."""
    made = page(kind, **values)
    return replace(made, code=CODE if kind is PageKind.BREACH else None)


# --- the link ---------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(PageKind),
    base_url=st.sampled_from(HOSTS),
    zone=st.sampled_from(ZONES),
    platform=st.sampled_from(["x", "facebook", "whatsapp", "google_business", "a_platform_of_a_very_long_name"]),
    name=st.integers(0, 80).map(lambda n: "Ä€ẞ" * n) | TEXTS,
    minutes=st.sampled_from([-1, 0, 16, 61, 1_445, 86_700, 5_000_000]),
    metric=st.sampled_from(Metric),
    clock=st.sampled_from([CLOCK, ended(), ended(Outcome.MET), ended(reason="no_reply"), None]),
    window=st.booleans(),
    step=st.sampled_from([0, 1, 2]),
)
@example(PageKind.WINDOW, HOSTS[2], "Europe/Madrid", "facebook", "mirabel", 16, Metric.FRT, CLOCK, True, 1)
@example(
    PageKind.WARNING, HOSTS[2], "America/Argentina/Buenos_Aires", "facebook", "m", 1_445, Metric.FRT, CLOCK, True, 1
)
def test_the_link_of_a_text_message_is_never_cut(
    kind, base_url, zone, platform, name, minutes, metric, clock, window, step
):
    policy = replace(VIP, calendar=replace(always_open(), zone=zone))
    made = pages(
        kind, minutes=minutes, policy=policy, clock=clock, author=Author(id="9", handle=name), base_url=base_url
    )
    state = replace(made.state, platform="facebook" if window else "x", private=window, latest_at=NOON)
    made = replace(made, platform=platform, state=state, due=due(kind, step=step, metric=metric))
    sms = written(case_alert.alert(made)).sms
    link = made.ack_url or made.url
    assert sms.endswith(link)
    assert sms == link or sms.endswith(f" {link}")
    assert gsm7.measure(sms).is_gsm7
    assert gsm7.measure(sms).units <= max(140, len(link))
    if gsm7.measure(link).units < 100:
        assert sms.startswith(case_alert.WORD[kind])


@pytest.mark.parametrize("base_url", HOSTS[:-1])
def test_a_text_message_says_when_it_is_due_wherever_it_is_deployed(base_url):
    made = pages(
        PageKind.WINDOW, minutes=16, policy=MADRID, step=1, base_url=base_url, author=Author(id="9", handle="mirabel")
    )
    state = replace(
        made.state, platform="facebook", private=True, latest_at=NOON, waiting_since=NOON - timedelta(minutes=7)
    )
    sms = written(case_alert.alert(replace(made, platform="facebook", state=state))).sms
    assert sms.startswith("WINDOW CLOSES Facebook: ")
    assert "13:00 CET" in sms


# --- strangers' words -------------------------------------------------------------------------------------------


def told(name, text, base_url="https://care.example"):
    """Every kind of alert, with a stranger's words wherever any can stand."""
    author = Author(id="501", handle=name, name=name)
    several = [pages(kind, author=author, latest_text=text, base_url=base_url) for kind in PageKind]
    yield from ((case_alert, case_alert.alert(one)) for one in several)
    made = digest.Digest(
        id="digest/1", root="digest/1", kind=PageKind.BREACH, step=1, group="on-call", policy_id="vip",
        count=2, pages=several, now=several[0].now, base_url=base_url, code=CODE,
    )  # fmt: skip
    yield digest, digest.alert(made)
    yield digest, digest.alert(replace(made, kind=PageKind.NOTICE, pages=[], code=None))
    trouble = ChannelTrouble(
        kind=TroubleKind.ACCESS_REVOKED, platform="x", channel="x.main", account_id=name, detail="", received_at=NOON
    )
    yield operations, operations.channel_trouble(trouble)
    yield operations, operations.not_authorised(platform="x", channel="x.main", account_id=name, reason=text, now=NOON)
    yield operations, operations.page_undelivered(several[0], "p1")
    yield operations, operations.clocks_set_aside({"no_open_time": 2}, ["c1"], NOON)
    yield operations, operations.sweeps_missed(3, NOON)
    features = [f"term:{term}" for term in (name, text[:50])]
    known = incidents.told(
        replace(incidents.an_incident()[0], title=title_of([replace(CAUSE, feature=one) for one in features]))
    )
    known = replace(known, why=tuple(f"{name_of(one)}: 12 people in 10 minutes" for one in features))
    for step in PageStep:
        call = replace(known.calls[0], step=step)
        yield (
            incident,
            incident.alert(incident.ToldIncident(call=call, incident=known, words="30 people", base_url=base_url)),
        )


def forms(alert):
    """All that somebody may read of an alert: each text, and whether strangers' words in it must be in quotes."""
    message = written(alert)
    yield from ((message.sms, True), (message.subject, True), (message.text, True))
    body = json.loads(message.body)
    yield from ((text, False) for text in _texts(body))
    if body["schema"] in forwarded.FORWARDED:
        yield from ((text, True) for text in _texts(forwarded.pagerduty(body, "k") or {}))
        yield from ((text, True) for text in _texts(forwarded.chat(body)))


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in _texts(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in _texts(item))


# What phones and mail programs make links of. Wider than any of them on purpose.
LINKS = re.compile(r"(?i)[a-z][a-z0-9+.-]*:[\w/]|//\w+\.\w|www\.\w|[\w-]\.[^\W\d_]{2,}|\d+\.\d+\.\d+\.\d+")
OURS = re.compile(
    r"https://care\.example\S*|x\.main|\d\d:\d\d(:\d\d)?|\b(frt|res|nrt):x\|100\|mention\S*|digest/\S+|earshot\.\w+/1"
)


@settings(max_examples=100, deadline=None)
@given(name=TEXTS, text=TEXTS)
@example(HOSTILE[0], HOSTILE[0])
@example("ada", "evil\u00b7co")  # a text message has a dot for it
def test_strangers_words_link_nowhere_and_hide_nothing(name, text):
    for _, alert in told(name, text):
        for form, _ in forms(alert):
            form.encode()
            for line in form.split("\n"):
                categories = {unicodedata.category(char) for char in line if char not in "\u200c\u200d"}
                assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
                without_ours = OURS.sub("", line.replace("\u200d", "").replace("\u200c", ""))
                assert not LINKS.search(without_ours), without_ours


CAUSE = incidents.CAUSES[0]
MARK = "Zq,"  # in no word of ours, and in no id


@settings(max_examples=100, deadline=None)
@given(before=TEXTS, after=TEXTS)
@example("“", "”")
@example('"', "\n\n")
def test_strangers_words_stand_in_quotes_that_they_cannot_close(before, after):
    hostile = f"{before[:20]}{MARK}{after}"
    for _, alert in told(hostile, hostile):
        for form, must_be_quoted in forms(alert):
            if must_be_quoted:
                outside = re.sub(r"“[^“”]*”|\"[^\"]*\"", "", form)
                assert MARK not in outside
                assert form.count("“") == form.count("”")
                assert form.count('"') % 2 == 0


@settings(max_examples=100, deadline=None)
@given(name=TEXTS, text=TEXTS)
def test_every_form_fits(name, text):
    for _, alert in told(name, text):
        message = written(alert)
        assert gsm7.measure(message.sms).is_gsm7
        assert gsm7.measure(message.sms).units <= 140
        assert message.subject.isascii()
        assert message.subject.isprintable()
        assert len(message.subject) < 100
        assert all(message.attributes.values())
        assert "\n" not in message.sms + message.subject
        assert message.text.count("\nWhat to do:") + message.text.count("\nNothing to do.") <= 1


def test_every_kind_of_alert_is_tried():
    modules = {module.name for module in pkgutil.iter_modules(alerts.__path__)} - NOT_ALERTS
    tried = {module.__name__.rpartition(".")[2] for module, _ in told("ada", "where is my bag?")}
    assert modules == tried | {"audience", "cause", "links", "trial"}  # these hold no stranger's words of their own
