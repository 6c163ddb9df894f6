"""
Subscriptions of an SNS topic (API version 2010-03-31).

Attributes: docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html, read 2026-11-23.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.alerts.audience import AlertSubscription

_DELETED = "Deleted"  # listed for some days more


class SnsSubscriptions:
    """Satisfies `ports.subscriptions.Subscriptions`. `client` is a boto3 SNS client."""

    def __init__(self, client: Any, topic_arn: str) -> None:
        self._client = client
        self._topic_arn = topic_arn

    def all(self) -> tuple[AlertSubscription, ...]:
        return tuple(self._describe(one) for one in self._listed() if one["SubscriptionArn"] != _DELETED)

    def _listed(self) -> Iterator[Mapping[str, str]]:
        pages = self._client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self._topic_arn)
        for page in pages:
            yield from page["Subscriptions"]

    def _describe(self, listed: Mapping[str, str]) -> AlertSubscription:
        arn = listed["SubscriptionArn"]
        attributes = self._attributes(arn) if arn.startswith("arn:") else {"PendingConfirmation": "true"}
        policy, scope = attributes.get("FilterPolicy"), attributes.get("FilterPolicyScope", "MessageAttributes")
        return AlertSubscription(
            protocol=listed["Protocol"],
            endpoint=listed["Endpoint"],
            arn=None if attributes.get("PendingConfirmation") == "true" else arn,
            filter=json.loads(policy) if policy else None,
            is_clear=not policy or scope == "MessageAttributes",
            has_dead_letters=bool(attributes.get("RedrivePolicy")),
            is_locked=attributes.get("ConfirmationWasAuthenticated") == "true",
        )

    def _attributes(self, arn: str) -> Mapping[str, str]:
        answer: Mapping[str, Mapping[str, str]] = self._client.get_subscription_attributes(SubscriptionArn=arn)
        return answer["Attributes"]
