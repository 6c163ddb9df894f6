"""Pages on to PagerDuty and chat: what Parameter Store holds of them, and the queue's subscription."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from chalicelib.domain.alerts.audience import AlertSubscription
from infra.deploy.target import Target
from infra.operate import subscriptions
from infra.operate.subscriptions import Endpoint
from infra.problem import Problem, next_command

KEY: Final = "pagerduty_routing_key"
CHAT: Final = "chat"
_WAKING: Final = ("breach", "notice")  # PagerDuty makes nothing of the others


def parameter_name(target: Target) -> str:
    return f"{target.settings.parameters}/forward"


def read(target: Target) -> dict[str, Any]:
    """What is set; empty when nothing is. Holds a secret: never print it."""
    document: dict[str, Any] = json.loads(target.parameter(parameter_name(target)) or "{}")
    return document


def change(target: Target, changes: Mapping[str, Any], groups: Iterable[str] = ()) -> list[str]:
    """
    Store what is named (None takes it away) and let the queue hear these groups; what was done, in sentences.

    Without groups it hears what it heard. Raises Problem when nobody has said what it should hear.
    """
    document = {name: value for name, value in {**read(target), **changes}.items() if value}
    before = subscription(target)
    wanted = sorted(set(groups)) or _groups_of(before)
    if not (document.get(KEY) or document.get(CHAT)):
        return _stop(target, before)
    if not wanted:
        raise Problem("Nobody has said whose pages are to be forwarded.", "name groups with --group, such as on-call")
    if subscriptions.OPERATIONS in wanted:
        raise Problem(
            "Troubles of Earshot are not forwarded.", next_command("pages subscribe --group operations", target.stage)
        )
    _write(target, document)
    return subscriptions.subscribe(target, _endpoint(target), wanted, () if document.get(CHAT) else _WAKING)


def subscription(target: Target) -> AlertSubscription | None:
    address = _endpoint(target).address
    return next((one for one in subscriptions.subscribed(target) if one.endpoint == address), None)


def chat_topic(target: Target) -> str:
    return f"{subscriptions.alerts_topic(target).removesuffix('alerts')}chat"


def _endpoint(target: Target) -> Endpoint:
    arn = subscriptions.alerts_topic(target).replace(":sns:", ":sqs:").removesuffix("alerts")
    return Endpoint(protocol="sqs", address=f"{arn}forward")


def _groups_of(before: AlertSubscription | None) -> list[str]:
    return [str(group) for group in (before.filter or {}).get("group", ())] if before else []


def _stop(target: Target, before: AlertSubscription | None) -> list[str]:
    if before and before.arn:
        target.client("sns").unsubscribe(SubscriptionArn=before.arn)
    _write(target, {})
    return ["Nothing is forwarded any more."]


def _write(target: Target, document: Mapping[str, Any]) -> None:
    target.client("ssm").put_parameter(
        Name=parameter_name(target), Value=json.dumps(document), Type="SecureString", Overwrite=True
    )
