"""Subscriptions as SNS lists them; what the local AWS does not do is told by a stand-in."""

from types import SimpleNamespace

from chalicelib.adapters.parameters import Parameters
from chalicelib.adapters.subscriptions import SnsSubscriptions
from chalicelib.domain.alerts.audience import AlertSubscription

TOPIC = "arn:aws:sns:eu-west-1:123456789012:earshot-test-alerts"


def paged(*pages):
    """A client's paginators: every one gives these pages."""
    return lambda _: SimpleNamespace(paginate=lambda **_: pages)


def listed(arn, endpoint):
    return {"SubscriptionArn": arn, "Protocol": "email", "Endpoint": endpoint}


def subscriptions(attributes, *pages):
    client = SimpleNamespace(
        get_paginator=paged(*({"Subscriptions": page} for page in pages)),
        get_subscription_attributes=lambda SubscriptionArn: {"Attributes": attributes[SubscriptionArn]},  # noqa: N803
    )
    return SnsSubscriptions(client, TOPIC).all()


def test_every_page_counts_and_nothing_is_asked_of_who_never_confirmed_or_is_gone():
    arn = f"{TOPIC}:1"
    attributes = {
        arn: {
            "PendingConfirmation": "false",
            "ConfirmationWasAuthenticated": "true",
            "FilterPolicy": '{"group": ["team"]}',
            "RedrivePolicy": "{}",
        }
    }
    pages = [[listed("PendingConfirmation", "new@example.com")], [listed("Deleted", "old@example.com")]]
    assert subscriptions(attributes, *pages, [listed(arn, "care@example.com")]) == (
        AlertSubscription(protocol="email", endpoint="new@example.com", arn=None),
        AlertSubscription(
            protocol="email",
            endpoint="care@example.com",
            arn=arn,
            filter={"group": ["team"]},
            has_dead_letters=True,
            is_locked=True,
        ),
    )


def test_a_filter_of_the_body_is_not_clear():
    arn = f"{TOPIC}:1"
    attributes = {arn: {"FilterPolicy": '{"group": ["team"]}', "FilterPolicyScope": "MessageBody"}}
    [one] = subscriptions(attributes, [listed(arn, "care@example.com")])
    assert not one.is_clear


def test_channels_are_the_names_of_their_parameters():
    found = [{"Parameters": [{"Name": f"/earshot/test/channels/{name}"}]} for name in ("x.main", "facebook.shop")]
    store = Parameters(
        SimpleNamespace(get_paginator=paged(*found)), "/earshot/test", clock=lambda: 0.0, jitter=lambda: 0.0
    )
    assert store.channels() == ("x.main", "facebook.shop")
