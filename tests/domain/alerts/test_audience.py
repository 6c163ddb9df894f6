"""Who hears a page: SNS filter policies against what pages really carry."""

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.alerts.audience import (
    AlertSubscription,
    Unheard,
    accepts,
    attributes,
    called,
    is_told_of_their_own,
    listeners,
    unheard,
)
from chalicelib.domain.calendar import always_open
from chalicelib.domain.policy import Ladder, Policy, PolicyBook, Step, Targets
from chalicelib.domain.watch import PageKind

DAY = Ladder(id="day", steps=(Step(group="on-call", delay_s=0), Step(group="lead", delay_s=900)))
NIGHT = Ladder(id="night", steps=(Step(group="on-call", delay_s=0),), warn_group="night-team")
DEFAULT = Policy(id="default", calendar=always_open(), targets=Targets(frt_s=3_600), ladder=DAY)
BOOK = PolicyBook(version=3, policies=(DEFAULT,))
BREACH, WARNING = PageKind.BREACH, PageKind.WARNING


def subscription(policy: dict[str, Any] | None = None, **other: Any) -> AlertSubscription:
    return AlertSubscription(**{"protocol": "sms", "endpoint": "+15550100", "arn": "arn:1", "filter": policy, **other})


EVERYTHING = subscription()
OWN = {"assignee": ["ann"], "kind": ["warning"]}


# --- filters


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({}, True),
        ({"group": ["on-call"]}, True),
        ({"group": ["lead", "on-call"]}, True),
        ({"group": ["ON-CALL"]}, False),
        ({"group": ["lead"]}, False),
        ({"group": []}, False),
        ({"group": ["on-call"], "kind": ["breach"]}, True),
        ({"group": ["on-call"], "kind": ["warning"]}, False),
        ({"team": ["care"]}, False),
        ({"group": [{"prefix": "on-"}]}, True),
        ({"group": [{"prefix": "call"}]}, False),
        ({"channel": [{"suffix": ".main"}]}, True),
        ({"group": [{"equals-ignore-case": "ON-CALL"}]}, True),
        ({"group": [{"anything-but": ["lead", "team"]}]}, True),
        ({"group": [{"anything-but": "on-call"}]}, False),
        ({"group": [{"anything-but": ["on-call"]}]}, False),
        ({"group": [{"anything-but": {"prefix": "on"}}]}, False),
        ({"group": [{"anything-but": {"prefix": "le"}}]}, True),
        ({"region": [{"anything-but": ["care"]}]}, False),
        ({"page_id": [{"exists": True}]}, True),
        ({"page_id": [{"exists": False}]}, False),
        ({"region": [{"exists": False}]}, True),
        ({"region": [{"exists": True}]}, False),
        ({"severity": [{"numeric": [">", 0]}]}, False),
        ({"severity": [{"anything-but": [1]}]}, True),
        ({"group": ["lead", {"prefix": "on-"}]}, True),
        ({"group": [{"cidr": "10.0.0.0/8"}]}, False),
        ({"group": [{}]}, False),
        ({"kind": ["breach"], "$or": [{"group": ["lead"]}, {"platform": ["x"]}]}, True),
        ({"kind": ["breach"], "$or": [{"group": ["lead"]}, {"platform": ["facebook"]}]}, False),
    ],
    ids=str,
)
def test_a_filter_takes_a_page(policy: dict[str, Any], expected: bool) -> None:
    assert accepts(policy, attributes("on-call", BREACH, "x.main", "team")) is expected


@pytest.mark.parametrize(
    ("conditions", "value", "expected"),
    [
        (["=", 5], 5, True),
        (["=", 5], 5.0, True),
        (["=", 5], "5", False),
        ([">", 5], 5, False),
        ([">=", 5], 5, True),
        (["<", 5], 4.9, True),
        (["<=", 5], 5.1, False),
        ([">", 0, "<=", 150], 150, True),
        ([">", 0, "<=", 150], 151, False),
        ([">", 0, "<=", 150], 0, False),
    ],
)
def test_a_filter_compares_numbers(conditions: list[Any], value: float | str, expected: bool) -> None:
    assert accepts({"step": [{"numeric": conditions}]}, {"step": value}) is expected


@pytest.mark.parametrize(("rule", "value", "expected"), [(5, 5, True), (5, "5", False), ("5", 5, False)])
def test_a_number_is_no_text(rule: Any, value: float | str, expected: bool) -> None:
    assert accepts({"step": [rule]}, {"step": value}) is expected


@pytest.mark.parametrize(
    "deaf",
    [
        subscription(arn=None),
        subscription({"kind": ["breach"]}, is_clear=False),
        subscription({"group": ["lead"]}),
    ],
    ids=["never confirmed", "filters by the body", "another group"],
)
def test_who_may_not_get_it_is_no_listener(deaf: AlertSubscription) -> None:
    assert listeners([deaf, EVERYTHING], "on-call", BREACH, "x.main", "team") == (EVERYTHING,)


# --- ladders


def test_a_ladder_calls_its_steps_and_warns_its_team() -> None:
    other = replace(DEFAULT, id="night", ladder=NIGHT)
    book = PolicyBook(
        version=3, policies=(replace(other, match=replace(other.match, channels=frozenset("x"))), DEFAULT)
    )
    assert called(book) == (
        ("night-team", WARNING),
        ("on-call", BREACH),
        ("team", WARNING),
        ("lead", BREACH),
    )


def test_what_pages_carry_is_what_real_pages_carry() -> None:
    assert (
        attributes("on-call", BREACH, "x.main", "team").items()
        >= {
            "kind": "breach",
            "severity": "critical",
            "group": "on-call",
            "platform": "x",
            "channel": "x.main",
        }.items()
    )


@pytest.mark.parametrize(
    ("subscriptions", "silent"),
    [
        ([EVERYTHING], []),
        ([], ["team", "on-call", "lead"]),
        ([subscription({"group": ["on-call", "lead", "team"]})], []),
        ([subscription({"group": ["on-call", "lead"]})], ["team"]),
        ([subscription({"group": ["team", "on-call", "lead"], "kind": ["breach"]})], ["team"]),
        ([subscription({"severity": ["critical"]}), subscription({"kind": ["warning"]})], []),
        ([subscription({"group": ["team", "on-cal", "lead"]})], ["on-call"]),
    ],
    ids=["all", "nobody", "each", "no team", "no warnings", "by severity and kind", "a slip of the pen"],
)
@pytest.mark.parametrize("channels", [(), ("x.main",)], ids=["no channel yet", "one channel"])
def test_groups_that_nobody_hears(
    subscriptions: list[AlertSubscription], silent: list[str], channels: tuple[str, ...]
) -> None:
    assert [one.group for one in unheard(BOOK, subscriptions, channels)] == silent


def test_a_listener_of_one_platform_leaves_the_others_unheard() -> None:
    only_x = subscription({"platform": ["x"]})
    assert unheard(BOOK, [only_x], ["x.main"]) == ()
    assert unheard(BOOK, [only_x], ["x.main", "facebook.shop"])[0] == Unheard(
        group="team", kind=WARNING, channels=("facebook.shop",)
    )


def test_before_there_is_a_channel_a_filter_by_place_is_no_fault() -> None:
    assert unheard(BOOK, [subscription({"channel": ["x.main"]})]) == ()
    assert len(unheard(BOOK, [subscription({"channel": ["x.main"], "group": ["lead"]})])) == 2


def test_whoever_takes_the_pages_of_another_team_only_is_not_counted_on():
    other = AlertSubscription(protocol="sms", endpoint="+15550100", arn="arn:1", filter={"team": ["night"]})
    ours = replace(other, filter={"team": ["team"]})
    assert listeners([other, ours], "on-call", BREACH, "x.main", "team") == (ours,)


# --- whoever has the case


@pytest.mark.parametrize(
    ("rules", "names", "expected"),
    [
        (["ann"], ("ann",), True),
        (["ann"], ("bo", "ann"), True),
        (["ann"], ("bo",), False),
        ([{"prefix": "an"}], ("bo", "ann"), True),
        ([{"exists": True}], ("bo",), True),
        ([{"exists": False}], ("bo",), False),
        ([{"anything-but": ["ann"]}], ("bo",), True),
        ([{"anything-but": ["ann"]}], ("bo", "ann"), False),
        ([5], ("5",), False),
    ],
)
def test_a_list_matches_by_any_of_its_values(rules, names, expected):
    assert accepts({"assignee": rules}, {"assignee": names}) is expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ([], False),
        ([subscription(OWN)], True),
        ([subscription({"assignee": ["ann"]})], True),
        ([subscription({"$or": [{"group": ["team"]}, OWN]})], True),
        ([subscription({**OWN, "channel": ["x.main"]})], True),
        ([subscription({**OWN, "assignee": ["bo"]})], False),
        ([subscription({**OWN, "kind": ["breach"]})], False),
        ([subscription({"group": ["team"]}), EVERYTHING], False),
        ([subscription(OWN, arn=None)], False),
    ],
)
def test_who_is_told_of_their_own_cases(known, expected):
    assert is_told_of_their_own("ann", known) is expected


def test_a_warning_is_heard_by_the_team_and_by_whoever_has_the_case():
    team, ann, bo = subscription({"group": ["team"]}), subscription(OWN), subscription({**OWN, "assignee": ["bo"]})
    known = (team, ann, bo)
    assert listeners(known, "team", WARNING, "x.main", "team", ("ann",)) == (team, ann)
    assert listeners(known, "team", WARNING, "x.main", "team") == (team,)
    assert listeners(known, "on-call", BREACH, "x.main", "team", ("ann",)) == ()
