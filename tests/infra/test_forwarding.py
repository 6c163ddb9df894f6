"""Saying what goes on to PagerDuty and chat, on the local AWS."""

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from infra.cli import main
from infra.deploy import target
from infra.deploy.target import Target
from infra.operate import forwarding, subscriptions
from infra.problem import Problem

KEY = "k" * 32


@pytest.fixture(autouse=True)
def nothing_forwarded(aws: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(target, "for_stage", lambda _stage: aws)
    yield
    forwarding.change(aws, {forwarding.KEY: None, forwarding.CHAT: None})


def earshot(*words: str, typed: str = "") -> Any:
    return CliRunner().invoke(main.main, ["pages", "forward", *words], input=typed)


@pytest.mark.parametrize(
    ("words", "typed", "kinds"),
    [
        (["--pagerduty"], KEY, {"kind": ["breach", "notice"]}),
        (["--chat"], "", {}),
        (["--pagerduty", "--chat"], KEY, {}),
    ],
)
def test_the_queue_hears_what_is_forwarded(aws: Target, words: list[str], typed: str, kinds: dict[str, Any]) -> None:
    ended = earshot("set", "--group", "on-call", *words, typed=typed)
    assert ended.exit_code == 0, ended.output
    heard = forwarding.subscription(aws)
    assert heard is not None
    assert heard.filter == {"group": ["on-call"], **kinds}
    assert subscriptions.faults(heard) == []


def test_what_is_not_named_stays(aws: Target) -> None:
    earshot("set", "--group", "on-call", "--pagerduty", typed=KEY)
    assert earshot("set", "--chat").exit_code == 0
    assert forwarding.read(aws) == {forwarding.KEY: KEY, forwarding.CHAT: True}
    heard = forwarding.subscription(aws)
    assert heard is not None
    assert heard.filter == {"group": ["on-call"]}


def test_with_the_last_one_gone_nobody_hears(aws: Target) -> None:
    earshot("set", "--group", "on-call", "--pagerduty", typed=KEY)
    assert "Nothing is forwarded" in earshot("set", "--no-pagerduty").output
    assert (forwarding.read(aws), forwarding.subscription(aws)) == ({}, None)


def test_the_key_is_never_shown() -> None:
    set_ = earshot("set", "--group", "on-call", "--pagerduty", typed=KEY)
    shown = earshot("show")
    assert "PagerDuty: yes" in shown.output
    assert "Hears: on-call: only breach, notice" in shown.output
    assert KEY not in set_.output + shown.output


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        ([], "", "name at least one"),
        (["--group", "on-call", "--pagerduty"], "short", "32 letters"),
    ],
)
def test_what_cannot_be_meant_is_refused(aws: Target, words: list[str], typed: str, said: str) -> None:
    ended = earshot("set", *words, typed=typed)
    assert ended.exit_code == 2
    assert said in ended.output
    assert forwarding.subscription(aws) is None


@pytest.mark.parametrize("groups", [[], ["operations"]])
def test_nothing_is_stored_when_nobody_would_be_heard(aws: Target, groups: list[str]) -> None:
    with pytest.raises(Problem):
        forwarding.change(aws, {forwarding.CHAT: True}, groups)
    assert forwarding.read(aws) == {}
