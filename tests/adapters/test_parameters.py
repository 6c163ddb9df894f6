"""Secrets: how old they may be, who may make us ask again, and that nothing shows them."""

import json
import logging
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.parameters import ASKED_AGAIN_S, KEPT_S, MOST_PAGES, Parameters
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import WebhookSecrets
from chalicelib.ports.engines import Choice, EngineSettings
from chalicelib.ports.secrets import SecretMissing

PATH = "/earshot/test/verify"
VERIFY = f"{PATH}/x.main"
SECRET = "hunter2-hunter2"


class NotFound(Exception):
    """Parameter Store has no such parameter."""


class StoreDown(Exception):
    """Parameter Store does not answer."""


@dataclass
class FakeStore:
    """Parameter Store with a switch, and the clock and dice of the one that asks it."""

    values: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False
    time: float = 1000.0
    dice: float = 0.5

    class exceptions:  # noqa: N801  as botocore names it
        ParameterNotFound = NotFound

    def get_parameter(self, *, Name: str, WithDecryption: bool) -> dict[str, Any]:  # noqa: N803
        assert WithDecryption
        self.asked.append(Name)
        if self.down:
            raise StoreDown
        if Name not in self.values:
            raise NotFound
        return {"Parameter": {"Value": self.values[Name]}}

    def get_parameters_by_path(self, *, Path: str, WithDecryption: bool, NextToken: str = "0") -> dict[str, Any]:  # noqa: N803
        assert WithDecryption
        self.asked.append(Path)
        if self.down:
            raise StoreDown
        names = sorted(name for name in self.values if name.rpartition("/")[0] == Path)
        begin, end = int(NextToken), int(NextToken) + 10
        page = [{"Name": name, "Value": self.values[name]} for name in names[begin:end]]
        return {"Parameters": page, **({"NextToken": str(end)} if end < len(names) else {})}

    def set(self, name: str, value: Any) -> None:
        self.values[name] = json.dumps(value)


def made(value: Any = None) -> tuple[FakeStore, Parameters]:
    store = FakeStore()
    if value is not None:
        store.set(VERIFY, value)
    return store, Parameters(store, "/earshot/test", clock=lambda: store.time, jitter=lambda: store.dice)


def secrets_of(parameters: Parameters, *, fresh: bool = False) -> tuple[str, ...]:
    return parameters.verify_secrets("x.main", fresh=fresh).secrets


# --- how long a value is kept ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("dice", "kept_s"), [(0.0, 0.8 * KEPT_S), (0.5, KEPT_S), (1.0, 1.2 * KEPT_S)])
def test_a_value_is_kept_for_about_five_minutes(dice, kept_s):
    store, parameters = made({"secrets": ["old"]})
    store.dice = dice
    assert secrets_of(parameters) == ("old",)
    store.set(VERIFY, {"secrets": ["new"]})
    store.time += kept_s - 1
    assert secrets_of(parameters) == ("old",)
    assert store.asked == [PATH]
    store.time += 2
    assert secrets_of(parameters) == ("new",)
    assert store.asked == [PATH] * 2


def test_one_listing_knows_every_channel():
    store, parameters = made({"secrets": ["a"]})
    for number in range(25):
        store.set(f"{PATH}/x.c{number}", {"secrets": [f"b{number}"]})
    secrets_of(parameters)
    assert [parameters.verify_secrets(f"x.c{number}").secrets for number in range(25)] == [
        (f"b{n}",) for n in range(25)
    ]
    assert store.asked == [PATH] * 3


def test_a_value_that_cannot_be_read_is_that_channels_trouble_alone():
    store, parameters = made({"secrets": ["a"]})
    store.values[f"{PATH}/x.broken"] = "no json"
    assert secrets_of(parameters) == ("a",)
    with pytest.raises(TypeError):
        parameters.verify_secrets("x.broken")


def test_a_listing_has_an_end(capsys):
    store, parameters = made()
    for number in range(1_001):
        store.set(f"{PATH}/x.c{number:04d}", {"secrets": ["a"]})
    assert parameters.verify_secrets("x.c0999").secrets == ("a",)
    assert len(store.asked) == MOST_PAGES
    assert json.loads(capsys.readouterr().out)["level"] == "error"


def test_an_old_value_is_better_than_none():
    store, parameters = made({"secrets": ["old"]})
    secrets_of(parameters)
    store.down = True
    store.time += 2 * KEPT_S
    assert secrets_of(parameters) == ("old",)
    assert secrets_of(parameters) == ("old",)
    assert len(store.asked) == 2  # a store in trouble is not asked for every request
    store.down = False
    store.set(VERIFY, {"secrets": ["new"]})
    store.time += 2 * KEPT_S
    assert secrets_of(parameters) == ("new",)


def test_with_nothing_to_go_by_the_error_is_told_and_forgotten():
    store, parameters = made({"secrets": ["a"]})
    store.down = True
    with pytest.raises(StoreDown):
        secrets_of(parameters)
    store.down = False
    assert secrets_of(parameters) == ("a",)


def test_a_removed_secret_stops_counting():
    store, parameters = made({"secrets": ["old"]})
    secrets_of(parameters)
    store.values.clear()
    store.time += 2 * KEPT_S
    with pytest.raises(SecretMissing):
        secrets_of(parameters)


# --- asking again ----------------------------------------------------------------------------------------------


def test_a_fresh_value_is_asked_for():
    store, parameters = made({"secrets": ["old"]})
    secrets_of(parameters)
    store.set(VERIFY, {"secrets": ["new"]})
    store.time += ASKED_AGAIN_S
    assert secrets_of(parameters, fresh=True) == ("new",)
    assert secrets_of(parameters) == ("new",)


@given(st.lists(st.floats(0, 5), min_size=1, max_size=120))
def test_forgers_do_not_drive_our_calls(pauses):
    store, parameters = made({"secrets": ["a"]})
    secrets_of(parameters)
    begin = store.time
    for pause in pauses:
        store.time += pause
        secrets_of(parameters, fresh=True)
    assert len(store.asked) <= 1 + (store.time - begin) / ASKED_AGAIN_S


def test_forgers_do_not_drive_calls_to_a_store_that_is_down():
    store, parameters = made({"secrets": ["a"]})
    secrets_of(parameters)
    store.down = True
    store.time += ASKED_AGAIN_S
    assert [secrets_of(parameters, fresh=True) for _ in range(20)] == [("a",)] * 20
    assert len(store.asked) == 2


@given(st.lists(st.tuples(st.floats(0, 5), st.text(max_size=5), st.booleans()), min_size=1, max_size=120))
def test_invented_names_do_not_drive_our_calls(knocks):
    """All names together, not each by itself."""
    store, parameters = made({"secrets": ["a"]})
    secrets_of(parameters)
    begin = store.time
    for pause, name, fresh in knocks:
        store.time += pause
        with suppress(SecretMissing):
            parameters.verify_secrets(f"x.{name}", fresh=fresh)
    assert len(store.asked) <= 1 + (store.time - begin) / ASKED_AGAIN_S


# --- what is missing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, {}, {"secrets": []}, {"secrets": [""]}, {"verify_token": "t"}], ids=str)
def test_without_a_secret_everything_is_refused(value):
    _, parameters = made(value)
    with pytest.raises(SecretMissing, match=r"earshot secrets set x\.main"):
        secrets_of(parameters)


def test_a_secret_that_was_just_set_is_found_within_half_a_minute():
    store, parameters = made()
    for _ in range(5):
        with pytest.raises(SecretMissing):
            secrets_of(parameters)
    assert len(store.asked) == 1
    store.set(VERIFY, {"secrets": ["first"]})
    store.time += ASKED_AGAIN_S
    assert secrets_of(parameters, fresh=True) == ("first",)
    assert secrets_of(parameters) == ("first",)


def test_two_live_secrets_newest_first():
    _, parameters = made({"secrets": ["new", "", "old"], "verify_token": "t"})
    assert parameters.verify_secrets("x.main") == WebhookSecrets(secrets=("new", "old"), verify_token="t")


@pytest.mark.parametrize(
    "value",
    ['"hunter2-hunter2"', "hunter2-hunter2", '["hunter2-hunter2"]', '{"secrets": "hunter2-hunter2"}', "{hunter2-", ""],
)
def test_a_value_of_the_wrong_shape_is_refused_and_not_shown(value, caplog, capsys):
    store, parameters = made()
    store.values[VERIFY] = value
    caplog.set_level(logging.DEBUG)
    with pytest.raises(TypeError, match="earshot secrets set") as raised:
        secrets_of(parameters)
    shown = [
        "".join(traceback.format_exception(raised.value)),
        *(f"{error!r} {error.args} {vars(error)}" for error in _chain(raised.value)),
        caplog.text,
        *capsys.readouterr(),
    ]
    assert not [text for text in shown if "hunter2" in text]


def _chain(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *_chain(error.__cause__), *_chain(error.__context__)]


# --- nothing shows a secret ------------------------------------------------------------------------------------


def test_no_repr_shows_a_secret():
    store, parameters = made({"secrets": [SECRET], "verify_token": SECRET})
    send = {"app": {"consumer_secret": SECRET}, "accounts": {"900": {"token": SECRET}}}
    store.set("/earshot/test/send/x.main", send)
    shown = [
        repr(parameters.verify_secrets("x.main")),
        repr(parameters.send_secrets("x.main", "900")),
        repr(parameters),
        str(parameters),
    ]
    assert not [text for text in shown if SECRET in text]


# --- what is no secret, and what sending needs -----------------------------------------------------------------


def test_settings_of_a_channel():
    store, parameters = made()
    store.set("/earshot/test/channels/x.main", {"accounts": ["900"], "app_ids": ["1"], "bot_app_ids": ["2"], "else": 1})
    assert parameters.settings("x.main") == ChannelSettings(
        accounts=frozenset({"900"}), app_ids=frozenset({"1"}), bot_app_ids=frozenset({"2"})
    )
    assert parameters.settings("x.nobody") == ChannelSettings()


def test_an_account_may_replace_a_value_of_the_application():
    store, parameters = made()
    send = {"api_base": "http://127.0.0.1:1", "app": {"key": "a", "token": "app"}, "accounts": {"900": {"token": "b"}}}
    store.set("/earshot/test/send/x.main", send)
    found = parameters.send_secrets("x.main", "900")
    assert dict(found.credentials) == {"key": "a", "token": "b"}
    assert found.api_base == "http://127.0.0.1:1"


@pytest.mark.parametrize("value", [None, {}, {"accounts": {}}, {"app": {"key": "a"}}], ids=str)
def test_an_account_without_a_token_cannot_answer(value):
    store, parameters = made()
    if value is not None:
        store.set("/earshot/test/send/x.main", value)
    with pytest.raises(SecretMissing, match="--use send --account 900"):
        parameters.send_secrets("x.main", "900")


# --- on the local AWS ------------------------------------------------------------------------------------------


def test_values_in_parameter_store(aws):
    client, path = aws.client("ssm"), f"/earshot/test-{uuid4().hex}"
    client.put_parameter(
        Name=f"{path}/verify/x.main", Type="SecureString", Value=json.dumps({"secrets": ["naïve ✈️", "old"]})
    )
    client.put_parameter(Name=f"{path}/channels/x.main", Type="String", Value=json.dumps({"accounts": ["900"]}))
    parameters = Parameters(client, path, clock=lambda: 0.0, jitter=lambda: 0.5)
    assert secrets_of(parameters) == ("naïve ✈️", "old")
    assert parameters.settings("x.main").accounts == {"900"}
    with pytest.raises(SecretMissing):
        parameters.verify_secrets("x.other")


# --- which engine is set ----------------------------------------------------------------------------------------

ENGINE = "/earshot/test/engine"


def test_an_engine_that_somebody_set_is_kept_as_secrets_are():
    store, parameters = made()
    store.set(ENGINE, {"choice": "comprehend", "per_hour": 7})
    assert (parameters.engine().choice, parameters.engine().per_hour) == (Choice.COMPREHEND, 7)
    assert store.asked == [ENGINE]
    store.down = True
    store.time += 2 * KEPT_S
    assert parameters.engine().choice is Choice.COMPREHEND


@pytest.mark.parametrize("value", [None, {"choice": "gpt"}, {"limit_s": 600.0}, ["comprehend"], {"model": "x", "y": 1}])
def test_an_engine_that_nobody_set_or_could_mean_is_the_default(value):
    store, parameters = made()
    if value is not None:
        store.set(ENGINE, value)
    assert parameters.engine() == EngineSettings()


def test_with_parameter_store_down_the_default_is_used_and_the_store_left_alone_for_a_while(capsys):
    store, parameters = made()
    store.down = True
    assert [parameters.engine() for _ in range(5)] == [EngineSettings()] * 5
    assert len(store.asked) == 1
    [line] = capsys.readouterr().out.splitlines()
    assert json.loads(line)["error"] == "StoreDown"
    store.down = False
    store.set(ENGINE, {"choice": "none"})
    store.time += 31
    assert parameters.engine().choice is Choice.NONE
