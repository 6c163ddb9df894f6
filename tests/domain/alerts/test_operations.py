"""What the people who run Earshot are told."""

import json
from datetime import UTC, datetime

import pytest

from chalicelib.domain.alerts import operations
from chalicelib.domain.alerts.message import written
from chalicelib.domain.facts import ChannelTrouble, TroubleKind
from tests.domain.alerts.test_case_alert import page

NOON = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)


def test_an_undeliverable_page():
    message = written(operations.page_undelivered(page(), "p1/undelivered"))
    assert message.subject == "[Earshot] A page could not be delivered to on-call"
    assert "Step 1 of the ladder, to on-call" in message.text
    assert message.attributes["page_id"] == "p1/undelivered"
    assert json.loads(message.body) == {
        "schema": "earshot.operations/1",
        "kind": "page_undelivered",
        "page_id": "frt:x|100|mention/0/breach/1/on-call",
        "case_id": "c0123456789abcde",
        "group": "on-call",
        "step": 1,
        "at": "2026-03-07T12:16:00Z",
    }


def test_missed_sweeps():
    message = written(operations.sweeps_missed(31, NOON))
    assert (message.subject, message.sms) == ("[Earshot] 31 sweeps missed", "Earshot: 31 sweeps missed.")
    assert "Sat 7 Mar 2026, 12:00 UTC" in message.text
    assert json.loads(message.body) == {
        "schema": "earshot.operations/1",
        "kind": "sweeps_missed",
        "count": 31,
        "at": "2026-03-07T12:00:00Z",
    }


@pytest.mark.parametrize("kind", TroubleKind)
@pytest.mark.parametrize("channel", ["x.main", "google_business." + "long-name-" * 12])
def test_a_channel_alarm_ends_with_a_whole_sentence(kind, channel):
    trouble = ChannelTrouble(
        kind=kind, platform="x", channel=channel, account_id="900 evil.co/a", detail="", received_at=NOON
    )
    message = written(operations.channel_trouble(trouble))
    assert message.sms.endswith((".", ".."))
    assert "evil.co" not in message.sms + message.subject + message.text + message.body
    assert json.loads(message.body)["at"] == "2026-03-07T12:00:00Z"
