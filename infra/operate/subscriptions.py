"""
Who hears pages: subscribe people and machines to a stage's topics, and say who hears what.

Two topics: `alerts` for pages about customers, filtered by group, and
`operations`, where CloudWatch's alarms go. The group "operations" is both.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import ClientError

from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.policies import TablePolicies
from chalicelib.adapters.sns import SnsAlerts
from chalicelib.adapters.subscriptions import SnsSubscriptions
from chalicelib.config import LOCAL
from chalicelib.domain.alerts import audience
from chalicelib.domain.alerts.audience import AlertSubscription, Unheard
from chalicelib.domain.alerts.message import AlertMessage, written
from chalicelib.domain.alerts.trial import trial
from chalicelib.domain.policy import PolicyBook
from chalicelib.domain.watch import PageKind
from chalicelib.ports.alerts import AlertUndelivered
from infra.deploy.target import Target
from infra.operate import records
from infra.problem import Problem, next_command

OPERATIONS: Final = "operations"
MOST_LOOKED_AT: Final = 1000  # of the open cases, the most urgent: whoever has work has some of these

_ENDPOINTS: Final[Mapping[str, tuple[str, str]]] = {
    "sms": (r"\+[1-9]\d{6,14}", "a phone number with its country, such as +15550100"),
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "a mail address, such as care@example.com"),
    "https": (r"https://[^/\s]+(/\S*)?", "an address that begins with https://"),
    "http": (r"http://[^/\s]+(/\S*)?", "an address that begins with http://"),
    "sqs": (r"arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:\S+", "the ARN of a queue"),
    "lambda": (r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:\S+", "the ARN of a function"),
}
_NO_SUCH_TOKEN: Final = {"InvalidParameter", "InvalidParameterException", "NotFound"}
_WORDS: Final = {"sms": "text messages to", "email": "mail to", "sqs": "queue", "lambda": "function"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where pages go. Raises Problem for what cannot be one."""

    protocol: str
    address: str

    def __post_init__(self) -> None:
        """SNS takes some wrong addresses and then never delivers."""
        pattern, meaning = _ENDPOINTS[self.protocol]
        if not re.fullmatch(pattern, self.address):
            raise Problem(f"{self.address!r} is not {meaning}.")


# --- topics ----------------------------------------------------------------------------------------------------------


def alerts_topic(target: Target) -> str:
    return target.resources().alerts_topic_arn


def operations_topic(target: Target) -> str:
    return alerts_topic(target).removesuffix("alerts") + OPERATIONS


def dead_letters(target: Target) -> str:
    """The ARN of the queue that takes what subscribers did not."""
    return alerts_topic(target).replace(":sns:", ":sqs:").removesuffix("alerts") + "pages-dead"


# --- who hears what --------------------------------------------------------------------------------------------------


def subscribed(target: Target, topic: str | None = None) -> tuple[AlertSubscription, ...]:
    """All who asked for pages, or for those of another topic; also those who never confirmed."""
    return SnsSubscriptions(target.client("sns"), topic or alerts_topic(target)).all()


def unheard_groups(target: Target, book: PolicyBook | None = None) -> tuple[Unheard, ...]:
    """What the ladders of `book`, or of the promises in force, would send to nobody on this stage."""
    return audience.unheard(book or in_force(target), subscribed(target), channels(target))


def without_address(target: Target) -> tuple[str, ...]:
    """Users who have open cases, and whom no subscription of their own tells when a promise of theirs soon breaks."""
    listed = TableCaseStore(records.table(target)).list(closed=False, limit=MOST_LOOKED_AT)
    known = subscribed(target)
    names = sorted({case.assignee for case in listed if case.assignee})
    return tuple(name for name in names if not audience.is_told_of_their_own(name, known))


def how_to_reach(stage: str, agent: str) -> str:
    return f"`earshot pages subscribe --agent {agent} --mail {agent.partition('@')[0]}@example.com --stage {stage}`"


def in_force(target: Target) -> PolicyBook:
    promises = TablePolicies(records.table(target), clock=lambda: 0.0).promises()
    return promises.books[promises.current]


def channels(target: Target) -> tuple[str, ...]:
    """The channels that are set up, and so may open cases."""
    path = target.settings.parameters
    return Parameters(target.client("ssm"), path, clock=lambda: 0.0, jitter=lambda: 0.0).channels()


def in_words(unheard: Unheard) -> str:
    where = f" about {', '.join(unheard.channels)}" if unheard.channels else ""
    return f"nobody hears what the ladder sends to {unheard.group} ({unheard.kind}){where}"


def how_to_subscribe(stage: str, group: str) -> str:
    return f"`earshot pages subscribe --group {group} --sms +15550100 --stage {stage}` with a number of yours"


def name_of(subscription: AlertSubscription | Endpoint) -> str:
    """Such as "mail to care@example.com"."""
    address = subscription.endpoint if isinstance(subscription, AlertSubscription) else subscription.address
    return f"{_WORDS.get(subscription.protocol, '')} {address}".strip()


def hears(subscription: AlertSubscription) -> str:
    """What a subscription's filter lets through, in words."""
    if not subscription.is_clear:
        return "filters by the message's body: nobody can say what it hears"
    policy = subscription.filter or {}
    either = policy.get("$or")
    parts = [_in_words(one) for one in (either if isinstance(either, list) and len(policy) == 1 else [policy])]
    words = [part for part in parts if part]
    return "; ".join(words) if len(words) == len(parts) else f"what passes {json.dumps(subscription.filter)}"


def _in_words(policy: Mapping[str, Any]) -> str | None:
    """None for a filter that none of our commands makes."""
    left = dict(policy)
    groups, kinds, agents = (_plain(left.pop(name, None)) for name in ("group", "kind", "assignee"))
    if left or groups is None or kinds is None or agents is None or (groups and agents):
        return None
    whose = f"every group, about cases of {', '.join(agents)}" if agents else ", ".join(groups) or "every group"
    return f"{whose}{': only ' + ', '.join(kinds) if kinds else ''}"


def _plain(rules: Any) -> list[str] | None:
    """The values of a filter's key; empty when it has none, None when they are no plain texts."""
    values = rules or []
    return values if all(isinstance(value, str) for value in values) else None


def faults(subscription: AlertSubscription) -> list[str]:
    """What may make a subscriber deaf one day, in words."""
    if subscription.arn is None:
        return ["never confirmed: hears nothing yet"]
    found = [] if subscription.has_dead_letters else ["no dead-letter queue: what it does not take is lost"]
    if subscription.protocol == "email" and not subscription.is_locked:
        found.append("whoever follows the link at the end of a mail ends it, also a mail scanner")
    return found


# --- subscribe -------------------------------------------------------------------------------------------------------


def subscribe(
    target: Target, endpoint: Endpoint, groups: Iterable[str], kinds: Iterable[str] = (), agent: str | None = None
) -> list[str]:
    """
    Let an endpoint hear these groups, and only these; what was done, in sentences.

    Without kinds it hears all of them. With `agent` it also hears the warnings
    of cases that this user has. One that is subscribed already gets the
    new filter, which SNS may take up to 15 minutes to heed. Raises Problem.
    """
    if agent and records.users(target).named(agent) is None:
        raise Problem(f"There is no user {agent}.", f"`earshot users list --stage {target.stage}`")
    if endpoint.protocol == "http" and target.stage != LOCAL:
        raise Problem("Pages are not sent in the clear.", "an address that begins with https://")
    wanted, only = sorted(set(groups)), sorted(set(kinds))
    if only and OPERATIONS in wanted:
        raise Problem(f"Messages to {OPERATIONS} have kinds of their own.", "subscribe to it without --kind")
    done = [_subscribe(target, alerts_topic(target), endpoint, filter_of(wanted, only, agent))]
    if OPERATIONS in wanted:
        done.append(_subscribe(target, operations_topic(target), endpoint, None))
    return done


def filter_of(groups: list[str], kinds: list[str], agent: str | None = None) -> dict[str, Any]:
    """What the groups get of these kinds, and the warnings about cases of `agent`, whichever group they go to."""
    called = {"group": groups, **({"kind": kinds} if kinds else {})}
    own = {"assignee": [agent], "kind": [PageKind.WARNING.value]}
    if agent is None:
        return called
    return {"$or": [called, own]} if groups else own


def _subscribe(target: Target, topic: str, endpoint: Endpoint, policy: Mapping[str, Any] | None) -> str:
    before = _existing(target, topic, endpoint)
    redrive = json.dumps({"deadLetterTargetArn": dead_letters(target)})
    if before and before.arn:
        _change(target, before.arn, {"RedrivePolicy": redrive, "FilterPolicy": json.dumps(policy or {})})
    else:
        attributes = {"RedrivePolicy": redrive} | ({"FilterPolicy": json.dumps(policy)} if policy else {})
        target.client("sns").subscribe(
            TopicArn=topic, Protocol=endpoint.protocol, Endpoint=endpoint.address, Attributes=attributes
        )
    return _outcome(topic.rpartition("-")[2], endpoint, before, _existing(target, topic, endpoint))


def _existing(target: Target, topic: str, endpoint: Endpoint) -> AlertSubscription | None:
    same = (one for one in subscribed(target, topic) if (one.protocol, one.endpoint) == _key(endpoint))
    return next(same, None)


def _key(endpoint: Endpoint) -> tuple[str, str]:
    return endpoint.protocol, endpoint.address


def _change(target: Target, arn: str, attributes: Mapping[str, str]) -> None:
    sns = target.client("sns")
    for name, value in attributes.items():
        sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)


def _outcome(topic: str, endpoint: Endpoint, before: AlertSubscription | None, after: AlertSubscription | None) -> str:
    if after is None or after.arn is None:
        return f"{topic}: {name_of(endpoint)} is asked to confirm, and hears nothing until then."
    if before and before.arn and before.filter != after.filter:
        return f"{topic}: {name_of(endpoint)} heard {hears(before)}; now it hears {hears(after)}."
    return f"{topic}: {name_of(endpoint)} hears {hears(after)}."


def confirm(target: Target, token_or_url: str) -> str:
    """
    Confirm in such a way that no link in a mail can end it; the subscription's ARN.

    Takes the link of the mail that asks to confirm, or its token alone.
    Raises Problem for a link that does not lead to one of the stage's topics.
    """
    topics = (alerts_topic(target), operations_topic(target))
    query = parse_qs(urlsplit(token_or_url).query)
    [topic], [token] = query.get("TopicArn", [""]), query.get("Token", [token_or_url])
    if topic and topic not in topics:
        raise Problem(f"That link is of {topic}, no topic of stage {target.stage}.", "name its stage with --stage")
    return _confirm(target, (topic,) if topic else topics, token)


def _confirm(target: Target, topics: tuple[str, ...], token: str) -> str:
    sns = target.client("sns")
    for topic in topics:
        try:
            answer = sns.confirm_subscription(TopicArn=topic, Token=token, AuthenticateOnUnsubscribe="true")
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NO_SUCH_TOKEN:
                raise
        else:
            return str(answer["SubscriptionArn"])
    raise Problem(
        "SNS does not know this token: it lives for some days and is good for one topic.",
        "subscribe again for a new one",
    )


# --- try it ----------------------------------------------------------------------------------------------------------


def trial_page(
    group: str, kind: PageKind, channel: str, team: str, now: datetime, agent: str | None = None
) -> AlertMessage:
    """A page that says that it is none, and takes the way of a real one."""
    page_id = f"test/{now:%Y%m%dT%H%M%SZ}/{group}/{kind}"
    carried = {**audience.attributes(group, kind, channel, team), "page_id": page_id}
    return written(trial(group, kind.value, channel, carried, now, _only(agent)))


def _only(agent: str | None) -> tuple[str, ...]:
    return (agent,) if agent else ()


def send_test(
    target: Target, group: str, kind: PageKind, channel: str | None = None, agent: str | None = None
) -> tuple[AlertSubscription, ...]:
    """Publish a test page, as if `agent` had the case; who should have it now. Raises Problem."""
    where = channel or next(iter(channels(target)), "test.main")
    team = audience.team_of(in_force(target), group)
    alerts = SnsAlerts(target.client("sns"), alerts_topic(target))
    try:
        alerts.publish(trial_page(group, kind, where, team, datetime.now(UTC), agent))
    except AlertUndelivered as error:
        raise Problem(f"The test page was not sent: {error}", next_command("doctor", target.stage)) from error
    return audience.listeners(subscribed(target), group, kind, where, team, _only(agent))
