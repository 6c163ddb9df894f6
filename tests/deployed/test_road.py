"""The whole road on the deployed stack: signed webhooks in, cases and quarantine out."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chalicelib import connectors
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.dynamo import DynamoTable
from chalicelib.domain.facts import Fact
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.inbound import InboundMessage
from chalicelib.ports.quarantine import Quarantined
from infra.cli.commands import replay
from infra.deploy.target import Target
from infra.operate import channels, records, webhooks
from tests.localaws import START, get
from tests.rings import need_samples

SECRET = "road_secret"
PATIENCE_S = (
    120  # a message whose worker failed comes again after up to 30 s, and fails again where the machine is busy
)


@pytest.fixture(scope="module")
def road(stack: Target) -> Target:
    for platform, account in (("x", "900100"), ("facebook", "700100")):
        token = {"verify_token": "road_token"} if platform == "facebook" else {}
        channels.set_verify(stack, f"{platform}.road", {"secrets": SECRET, **token})
        channels.set_settings(stack, f"{platform}.road", accounts=[account])
    return stack


def post(target: Target, platform: str, body: bytes, headers: dict[str, str] | None = None) -> Any:
    address = webhooks.url(target, f"{platform}.road")
    signed = webhooks.signed(platform, body, SECRET).headers
    return webhooks.post(address, body, signed if headers is None else headers)


def post_by(number: str, text: str, **values: Any) -> bytes:
    """A post on X in the Account Activity envelope."""
    post = {
        "id_str": number,
        "text": text,
        "created_at": START.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "user": {"id_str": "5550", "screen_name": "mira_invented", "name": "Mira", "followers_count": 1200},
        **values,
    }
    return json.dumps({"for_user_id": "900100", "tweet_create_events": [post]}).encode()


def eventually(look: Callable[[], Any], what: str) -> Any:
    """What `look` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"not seen in {PATIENCE_S} s: {what}")


def store(target: Target) -> TableCaseStore:
    return TableCaseStore(DynamoTable(target.client("dynamodb"), target.settings.table))


def case_of(target: Target, platform: str, message_id: str) -> Any:
    address = store(target).addresses(platform, [message_id])[message_id]
    return store(target).case(address.case_id)[0] if address.case_id else None


def test_a_signed_webhook_becomes_a_case_and_its_answer_stops_the_clock(road: Target) -> None:
    assert post(road, "x", post_by("7001", "@brand my suitcase never arrived")).status == 200
    case = eventually(lambda: case_of(road, "x", "7001"), "the case of post 7001")
    assert case.state.waiting_since == START
    echo = post_by("7002", "on it", in_reply_to_status_id_str="7001", user={"id_str": "900100", "screen_name": "brand"})
    assert post(road, "x", echo).status == 200
    eventually(lambda: case_of(road, "x", "7001").state.answered_at, "the answer")
    [clock] = [clock for clock in store(road).ended_clocks(case.case_id) if clock.metric == "frt"]
    assert clock.outcome == "met"


@pytest.mark.parametrize(
    ("what", "body", "headers", "status"),
    [
        ("forged", b'{"for_user_id":"1"}', {"x-twitter-webhooks-signature": "sha256=AAAA"}, 404),
        ("unsigned", b'{"for_user_id":"1"}', {}, 404),
        ("empty", b"", {}, 400),
        ("not JSON by its type", b"<xml/>", {"Content-Type": "text/xml"}, 415),
        ("too large", b"x" * 4_000_001, {}, 413),
    ],
)
def test_what_is_refused_says_why(road: Target, what: str, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = post(road, "x", body, headers)
    assert answer.status == status, what
    assert {"message", "Message"} & json.loads(answer.body).keys()


def test_handshakes_on_the_real_url(road: Target) -> None:
    x, facebook = webhooks.url(road, "x.road"), webhooks.url(road, "facebook.road")
    status, body = get(f"{x}?crc_token=abc")
    assert (status, json.loads(body)["response_token"][:7]) == (200, "sha256=")
    good = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=road_token"
    assert get(f"{facebook}?{good}") == (200, "1158201444")
    assert get(f"{facebook}?{good}x")[0] == 404
    assert get(webhooks.url(road, "x.nobody") + "?crc_token=abc")[0] == 404


def test_what_cannot_be_read_is_kept_and_comes_back(road: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    body = b'{"this is": "no envelope of X"}'
    assert post(road, "x", body).status == 200
    quarantine = records.quarantine(road)

    def waiting(replays: int) -> list[Quarantined]:
        return [e for e in quarantine.waiting() if e.channel == "x.road" and e.replays == replays]

    [entry] = eventually(lambda: waiting(0), "a pointer in quarantine")
    assert quarantine.message(entry).body == body
    monkeypatch.setattr("infra.deploy.target.for_stage", lambda stage: road)
    result = CliRunner().invoke(replay.command, ["--quarantine"], catch_exceptions=False)
    assert "sent again" in result.output
    [again] = eventually(lambda: waiting(1), "the same request, unreadable again, with its count")
    assert again.request_id == entry.request_id
    quarantine.release(again)


def test_a_body_larger_than_a_queue_takes_goes_by_the_bucket(road: Target) -> None:
    body = post_by("7100", "@brand " + "long " * 150_000)
    assert len(body) > 700_000
    assert post(road, "x", body).status == 200
    case = eventually(lambda: case_of(road, "x", "7100"), "the case of the long post")
    assert case.state.latest_text.startswith("@brand long")


def test_a_message_that_is_none_of_ours_goes_to_the_dead_letters(road: Target) -> None:
    sqs, urls = road.client("sqs"), road.resources().queues
    sqs.send_message(QueueUrl=urls["mentions"], MessageBody="nonsense")

    def buried() -> Any:
        return sqs.receive_message(
            QueueUrl=urls["mentions-dead"], MessageAttributeNames=["All"], WaitTimeSeconds=1
        ).get("Messages")

    [letter] = eventually(buried, "the dead letter")
    assert letter["Body"] == "nonsense"
    assert letter["MessageAttributes"]["error"]["StringValue"].startswith("Malformed")
    sqs.delete_message(QueueUrl=urls["mentions-dead"], ReceiptHandle=letter["ReceiptHandle"])


def test_one_facebook_delivery_with_two_pages_and_a_thread(road: Target) -> None:
    def comment(number: str, who: str, text: str, parent: str = "700100_1") -> dict[str, Any]:
        value = {
            "item": "comment",
            "verb": "add",
            "comment_id": f"1_{number}",
            "post_id": "700100_1",
            "parent_id": parent,
            "from": {"id": who, "name": "Invented Person"},
            "message": text,
            "created_time": int(START.timestamp()),
        }
        return {"id": "700100", "time": int(START.timestamp()), "changes": [{"field": "feed", "value": value}]}

    entries = [comment("81", "41", "caf\u00e9 closed \U0001f44b"), comment("82", "42", "same for me")]
    answer = comment("83", "700100", "we are sorry", parent="1_81")
    body = json.dumps({"object": "page", "entry": [*entries, answer]}).encode()
    assert post(road, "facebook", body).status == 200
    first = eventually(lambda: (c := case_of(road, "facebook", "1_81")) and c.state.answered_at and c, "the answer")
    second = eventually(lambda: case_of(road, "facebook", "1_82"), "the second person's case")
    assert first.case_id != second.case_id
    assert second.state.waiting_since == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("platform", ["x", "facebook"])
def test_every_real_mention_ends_in_its_case(road: Target, platform: str) -> None:
    """The real payloads through the real stack: nothing is lost and nothing is stuck."""
    folder = need_samples(Path(__file__).resolve().parents[2].parent / "shared" / "fixtures" / platform)
    table = Path(__file__).parents[1] / "fixtures" / platform / "real_samples.json"
    plain = [n for n, expected in json.loads(table.read_text())["files"].items() if expected == ["MENTION"]]
    bodies = [(folder / name).read_bytes() for name in plain]
    for body in bodies:
        assert post(road, platform, body).status == 200
    ids = [fact.message_id for body in bodies for fact in facts_of(platform, body)]
    assert len(ids) >= 10
    eventually(lambda: drained(road), "empty queues")
    missing = [message_id for message_id in ids if case_of(road, platform, message_id) is None]
    assert missing == []


def facts_of(platform: str, body: bytes) -> tuple[Fact, ...]:
    message = InboundMessage(
        platform=platform, channel=f"{platform}.road", headers={}, received_at=START, request_id="r"
    )
    return connectors.parser(platform).parse(message.request(body), ChannelSettings()).facts


def drained(target: Target) -> bool:
    """Whether nothing waits and nothing is being worked on; dead letters would be left over."""
    sqs, urls = target.client("sqs"), target.resources().queues
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return all(
        sum(int(n) for n in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()) == 0
        for url in urls.values()
    )
