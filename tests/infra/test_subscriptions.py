"""Who hears pages: subscribing, confirming, listing and trying it, on the local AWS."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.domain.alerts import gsm7
from chalicelib.domain.alerts.audience import AlertSubscription, accepts, attributes, called
from chalicelib.domain.events import EventKind, action
from chalicelib.domain.watch import PageKind
from chalicelib.ports.access import Role
from chalicelib.ports.cases import Labelled
from chalicelib.usecases import casework
from chalicelib.usecases.cases.timeline import commit_for
from infra.deploy import target
from infra.deploy.target import Target
from infra.operate import doctor, records, subscriptions
from infra.operate.subscriptions import Endpoint, faults, hears
from infra.problem import Problem
from tests.infra.test_cli import run
from tests.usecases import world
from tests.usecases.world import at, wrote

PHONE = Endpoint(protocol="sms", address="+15550100")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nobody_subscribed(aws: Target) -> Iterator[None]:
    yield
    sns = aws.client("sns")
    for topic in (subscriptions.alerts_topic(aws), subscriptions.operations_topic(aws)):
        for one in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]:
            sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])


@pytest.fixture
def earshot(aws: Target, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command line, with the local AWS as its stage."""
    monkeypatch.setattr(target, "for_stage", lambda _stage: aws)
    return run


@pytest.fixture
def queue(aws: Target) -> Iterator[tuple[str, str]]:
    """URL and ARN of a queue that machines are paged by."""
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="a-pager")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(lets_sns_send(arn))})
    yield url, arn
    sqs.delete_queue(QueueUrl=url)


def lets_sns_send(arn: str) -> dict[str, Any]:
    principal = {"Service": "sns.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}


@pytest.fixture
def hook() -> Iterator[tuple[str, "Queue[Any]"]]:
    """The URL of a web server on this machine, and what is posted to it."""
    posted: Queue[Any] = Queue()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/pages", posted
    server.shutdown()
    server.server_close()


def only(aws: Target, topic: str | None = None) -> AlertSubscription:
    [one] = subscriptions.subscribed(aws, topic)
    return one


# --- subscribe


def test_a_phone_hears_its_groups_and_what_it_does_not_take_is_kept(aws: Target) -> None:
    assert subscriptions.subscribe(aws, PHONE, ["on-call", "lead"], ["breach"]) == [
        "alerts: text messages to +15550100 hears lead, on-call: only breach."
    ]
    one = only(aws)
    assert one.filter == {"group": ["lead", "on-call"], "kind": ["breach"]}
    assert faults(one) == []


NAMES = st.sampled_from(["team", "on-call", "lead", "manager", "operations"])
KINDS = st.sampled_from(PageKind)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # cleaning up once is enough: nobody subscribes
@given(st.lists(NAMES, min_size=1, unique=True), st.lists(KINDS, unique=True), NAMES, KINDS)
def test_a_filter_of_ours_lets_through_what_was_named_and_nothing_else(
    groups: list[str], kinds: list[PageKind], group: str, kind: PageKind
) -> None:
    policy = subscriptions.filter_of(groups, [one.value for one in kinds])
    heard = group in groups and (not kinds or kind in kinds)
    assert accepts(policy, attributes(group, kind, "x.main", "team")) is heard


def test_its_dead_letters_go_to_the_queue_that_lets_both_topics_send(aws: Target) -> None:
    subscriptions.subscribe(aws, PHONE, ["on-call"])
    sns, sqs = aws.client("sns"), aws.client("sqs")
    redrive = sns.get_subscription_attributes(SubscriptionArn=only(aws).arn)["Attributes"]["RedrivePolicy"]
    url = sqs.get_queue_url(QueueName=aws.settings.queue("pages-dead"))["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "Policy"])["Attributes"]
    assert json.loads(redrive) == {"deadLetterTargetArn": attributes["QueueArn"]}
    [allowed] = [one for one in json.loads(attributes["Policy"])["Statement"] if one["Effect"] == "Allow"]
    topics = [subscriptions.alerts_topic(aws), subscriptions.operations_topic(aws)]
    assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": topics}}


def test_who_is_subscribed_already_hears_the_new_groups_instead(aws: Target) -> None:
    subscriptions.subscribe(aws, PHONE, ["team"], ["warning"])
    assert subscriptions.subscribe(aws, PHONE, ["on-call"]) == [
        "alerts: text messages to +15550100 heard team: only warning; now it hears on-call."
    ]
    assert only(aws).filter == {"group": ["on-call"]}


@pytest.fixture
def ann(aws: Target) -> Iterator[str]:
    """The name of a user."""
    users = records.users(aws)
    users.add("ann", Role.AGENT, "t" * 40, NOW)
    yield "ann"
    users.remove("ann")


def test_an_agent_hears_of_their_own_cases_only(aws: Target, queue: tuple[str, str], earshot: Any, ann: str) -> None:
    url, arn = queue
    assert earshot("pages", "subscribe", "--agent", ann, "--queue", arn)[0] == 0
    test = ("pages", "test", "--group", "team", "--kind", "warning", "--agent")
    assert earshot(*test, "bo")[0] == 1
    assert earshot(*test, ann) == (0, f"Sent to queue {arn}.\n")
    assert earshot(*test[:4], "--agent", ann)[0] == 1  # that would be a breach
    [message] = aws.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    assert json.loads(json.loads(message["Body"])["Message"])["schema"] == "earshot.test/1"


def test_an_agent_may_hear_a_group_as_well(aws: Target, queue: tuple[str, str], earshot: Any, ann: str) -> None:
    _, arn = queue
    text = earshot("pages", "subscribe", "--group", "on-call", "--agent", ann, "--queue", arn)[1]
    assert text == f"alerts: queue {arn} hears on-call; every group, about cases of ann: only warning.\n"
    assert earshot("pages", "test", "--group", "on-call") == (0, f"Sent to queue {arn}.\n")
    assert earshot("pages", "test", "--group", "team", "--kind", "warning", "--agent", ann)[0] == 0


def test_nobody_who_is_no_user_hears_of_their_cases(aws: Target) -> None:
    with pytest.raises(Problem, match="There is no user zoe"):
        subscriptions.subscribe(aws, PHONE, [], agent="zoe")
    assert subscriptions.subscribed(aws) == ()


def test_who_has_cases_and_no_address_is_found(aws: Target, ann: str) -> None:
    store = TableCaseStore(records.table(aws))
    casework.take([Labelled(fact=wrote("88001", 0, thread_id="88001"))], world.ports(store))
    case_id = store.addresses("x", ["88001"])["88001"].case_id
    case, _ = store.case(case_id or "")
    assert case
    given = action(EventKind.ASSIGN, action_id="a1", at=at(1), actor="lea", detail={"to": ann}, book=1)
    commit = commit_for(case, [given], store=store, promises=world.PROMISES, now=at(1))
    assert commit
    store.commit(commit)
    assert ann in subscriptions.without_address(aws)
    [finding] = [one for one in doctor.assignees(aws) if one.text.startswith("ann ")]
    assert (finding.level, finding.next_step) == ("WARN", subscriptions.how_to_reach(aws.stage, ann))
    subscriptions.subscribe(aws, PHONE, [], agent=ann)
    assert ann not in subscriptions.without_address(aws)


def test_operations_are_two_topics(aws: Target) -> None:
    assert len(subscriptions.subscribe(aws, PHONE, ["operations"])) == 2
    assert only(aws).filter == {"group": ["operations"]}
    assert only(aws, subscriptions.operations_topic(aws)).filter is None


def test_operations_have_no_kinds_to_choose(aws: Target) -> None:
    with pytest.raises(Problem, match="kinds of their own"):
        subscriptions.subscribe(aws, PHONE, ["operations"], ["breach"])
    assert subscriptions.subscribed(aws) == ()


@pytest.mark.parametrize(
    ("protocol", "address"),
    [
        ("sms", "5550100"),
        ("sms", "+0155501"),
        ("email", "care"),
        ("https", "http://pager.example/hook"),
        ("https", "https://"),
        ("sqs", "https://sqs.eu-west-1.amazonaws.com/123456789012/pager"),
        ("lambda", "arn:aws:sqs:eu-west-1:123456789012:pager"),
    ],
)
def test_what_can_never_be_reached_is_refused(protocol: str, address: str) -> None:
    with pytest.raises(Problem, match="is not"):
        Endpoint(protocol=protocol, address=address)


def test_pages_are_sent_in_the_clear_on_one_machine_only(aws: Target) -> None:
    with pytest.raises(Problem, match="in the clear"):
        subscriptions.subscribe(
            Target(stage="dev", endpoint=aws.endpoint),
            Endpoint(protocol="http", address="http://pager.example/hook"),
            ["on-call"],
        )


# --- confirm


def test_a_subscriber_who_must_confirm_hears_nothing_until_then(aws: Target, hook: tuple[str, "Queue[Any]"]) -> None:
    url, posted = hook
    endpoint = Endpoint(protocol="http", address=url)
    [sentence] = subscriptions.subscribe(aws, endpoint, ["on-call"])
    assert sentence.endswith("is asked to confirm, and hears nothing until then.")
    assert faults(only(aws)) == ["never confirmed: hears nothing yet"]
    link = posted.get(timeout=20)["SubscribeURL"]
    assert subscriptions.confirm(aws, link) == only(aws).arn
    assert faults(only(aws)) == []
    subscriptions.send_test(aws, "on-call", PageKind.BREACH)
    assert json.loads(posted.get(timeout=20)["Message"])["schema"] == "earshot.test/1"


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("0123456789", "does not know this token"),
        ("https://sns.eu-west-1.amazonaws.com/?TopicArn=arn:aws:sns:eu-west-1:1:others&Token=1", "no topic of stage"),
    ],
)
def test_a_link_to_elsewhere_confirms_nothing(aws: Target, link: str, problem: str) -> None:
    with pytest.raises(Problem, match=problem):
        subscriptions.confirm(aws, link)


# --- who hears what


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (None, "every group"),
        ({"group": ["on-call"]}, "on-call"),
        ({"group": ["lead", "on-call"], "kind": ["breach", "notice"]}, "lead, on-call: only breach, notice"),
        ({"kind": ["breach"]}, "every group: only breach"),
        ({"assignee": ["ann"], "kind": ["warning"]}, "every group, about cases of ann: only warning"),
        (
            {"$or": [{"group": ["team"]}, {"assignee": ["ann"], "kind": ["warning"]}]},
            "team; every group, about cases of ann: only warning",
        ),
        (
            {"$or": [{"group": ["team"]}, {"region": ["eu"]}]},
            'what passes {"$or": [{"group": ["team"]}, {"region": ["eu"]}]}',
        ),
        ({"group": [{"prefix": "on-"}]}, 'what passes {"group": [{"prefix": "on-"}]}'),
        ({"group": ["lead"], "platform": ["x"]}, 'what passes {"group": ["lead"], "platform": ["x"]}'),
    ],
)
def test_a_filter_in_words(policy: dict[str, Any] | None, words: str) -> None:
    assert hears(AlertSubscription(protocol="sms", endpoint="+15550100", arn="arn:1", filter=policy)) == words


def test_a_mail_subscription_that_any_reader_can_end_is_a_fault() -> None:
    mail = AlertSubscription(protocol="email", endpoint="care@example.com", arn="arn:1", has_dead_letters=True)
    assert faults(mail) == ["whoever follows the link at the end of a mail ends it, also a mail scanner"]


def test_a_filter_on_the_body_promises_nothing(aws: Target, queue: tuple[str, str]) -> None:
    aws.client("sns").subscribe(
        TopicArn=subscriptions.alerts_topic(aws),
        Protocol="sqs",
        Endpoint=queue[1],
        Attributes={"FilterPolicyScope": "MessageBody", "FilterPolicy": json.dumps({"group": ["on-call"]})},
    )
    assert not only(aws).is_clear
    assert "nobody can say" in hears(only(aws))


def test_the_list_names_whom_nobody_hears(aws: Target, earshot: Any, queue: tuple[str, str]) -> None:
    groups = list(dict.fromkeys(group for group, _ in called(subscriptions.in_force(aws))))
    code, text = earshot("pages", "subscribe", "--queue", queue[1], *[f"--group={group}" for group in groups[1:]])
    assert code == 0
    code, text = earshot("pages", "list")
    assert code == 1
    assert f"queue {queue[1]}: {', '.join(sorted(groups[1:]))}" in text
    assert f"nobody hears what the ladder sends to {groups[0]} " in text
    earshot("pages", "subscribe", "--queue", queue[1], *[f"--group={group}" for group in groups])
    assert earshot("pages", "list")[0] == 0


# --- try it


def test_a_test_page_takes_the_way_of_a_real_one_and_says_what_it_is(
    aws: Target, earshot: Any, queue: tuple[str, str]
) -> None:
    url, arn = queue
    earshot("pages", "subscribe", "--group", "on-call", "--kind", "breach", "--queue", arn)
    assert earshot("pages", "test", "--group", "on-call") == (0, f"Sent to queue {arn}.\n")
    [message] = aws.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=10)["Messages"]
    envelope = json.loads(message["Body"])
    page = json.loads(envelope["Message"])
    assert (page["schema"], page["kind"], page["group"]) == ("earshot.test/1", "test", "on-call")
    assert envelope["Subject"] == "[Earshot] TEST for on-call: nobody waits"


def test_a_test_that_nobody_hears_says_so(earshot: Any) -> None:
    code, text = earshot("pages", "test", "--group", "on-call")
    assert code == 1
    assert "`earshot pages subscribe --group on-call" in text


@pytest.mark.parametrize("group", ["on-call", "équipe-de-nuit-" * 12])
def test_a_test_fits_every_form(group: str) -> None:
    page = subscriptions.trial_page(group, PageKind.BREACH, "x.main", "team", NOW)
    assert len(page.subject) < 100
    assert "TEST" in page.subject
    assert page.text.startswith("TEST.")
    assert gsm7.fold(page.sms).startswith("TEST")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--sms", "+15550100"], "--group and --agent"),
        (["--group", "on-call"], "name at least one of"),
        (["--group", "on-call", "--sms", "+15550100", "--kind", "loud"], "no kind loud"),
    ],
)
def test_wrong_usage_says_what_is_right(arguments: list[str], sentence: str) -> None:
    code, text = run("pages", "subscribe", *arguments)
    assert code == 2
    assert sentence in text
