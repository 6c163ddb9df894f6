"""Choosing an engine, trying one, and what the doctor says of it, on the local AWS."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from chalicelib.adapters.engines.allowance import TableAllowance
from chalicelib.adapters.engines.bedrock import Bedrock
from chalicelib.adapters.engines.comprehend import Comprehend
from chalicelib.classify import classify, encoder
from chalicelib.ports.engines import Choice, EngineSettings
from infra.cli import main
from infra.deploy import target
from infra.deploy.target import Target
from infra.operate import doctor, engine, records
from tests.adapters.engines.stand_ins import TEXT, FakeBedrock, FakeComprehend, stubbed

MODEL = "eu.amazon.nova-lite-v1:0"
BEDROCK = EngineSettings(choice=Choice.BEDROCK, model=MODEL)


@pytest.fixture(autouse=True)
def nothing_set(aws: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(target, "for_stage", lambda _stage: aws)
    monkeypatch.setattr(encoder, "load", lambda _folder: None)
    yield
    with suppress(ClientError):
        aws.client("ssm").delete_parameter(Name=engine.parameter_name(aws))


def earshot(*words: str) -> Any:
    return CliRunner().invoke(main.main, ["engine", *words])


def stand_in(monkeypatch: pytest.MonkeyPatch, comprehend: Any = None) -> None:
    def outside(_target: Target, settings: EngineSettings) -> Any:
        if settings.choice is Choice.COMPREHEND:
            return Comprehend(comprehend or FakeComprehend())
        return Bedrock(FakeBedrock(), settings.model or "", new_code=lambda: "k" * 16)

    monkeypatch.setattr(engine, "_outside", outside)


# --- set and show -----------------------------------------------------------------------------------------------


def test_without_a_word_it_is_the_one_that_ships(aws: Target) -> None:
    assert engine.read(aws) == EngineSettings()
    shown = earshot("show")
    assert shown.exit_code == 0, shown.output
    assert "builtin" in shown.output
    assert "Ceiling" not in shown.output


def test_what_is_not_named_stays(aws: Target) -> None:
    first = earshot("set", "comprehend", "--language", "de", "--language", "en", "--per-day", "50", "--private")
    assert first.exit_code == 0, first.output
    assert "go to Amazon Comprehend" in first.output
    assert earshot("set", "--limit", "2.5", "--region", "eu-central-1").exit_code == 0
    expected = EngineSettings(
        choice=Choice.COMPREHEND,
        languages=frozenset({"de", "en"}),
        per_day=50,
        private=True,
        limit_s=2.5,
        region="eu-central-1",
    )
    assert engine.read(aws) == expected
    assert earshot("set", "--language", "all", "--region", "none", "--no-private").exit_code == 0
    assert engine.read(aws) == EngineSettings(choice=Choice.COMPREHEND, per_day=50, limit_s=2.5)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "name an engine"),
        (["gpt"], 2, "Invalid value"),
        (["bedrock"], 1, "needs a model"),
        (["bedrock", "--model", "meta.llama3-8b"], 1, "not among the models"),
        (["comprehend", "--limit", "60"], 1, "choose 0.1 to 15 seconds"),
        (["comprehend", "--per-hour", "-1"], 1, "texts"),
        (["comprehend", "--language", "English"], 1, "not a language"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_stored(
    aws: Target, words: list[str], code: int, said: str
) -> None:
    ended = earshot("set", *words)
    assert ended.exit_code == code
    assert said in ended.output
    assert engine.read(aws) == EngineSettings()


def test_functions_read_what_was_set(aws: Target) -> None:
    from chalicelib.adapters.parameters import Parameters

    earshot("set", "bedrock", "--model", MODEL, "--per-hour", "7")
    parameters = Parameters(aws.client("ssm"), aws.settings.parameters, clock=lambda: 0.0, jitter=lambda: 0.5)
    assert parameters.engine() == EngineSettings(choice=Choice.BEDROCK, model=MODEL, per_hour=7)


def test_what_was_sent_today_is_shown(aws: Target) -> None:
    earshot("set", "comprehend", "--per-hour", "100", "--per-day", "100")
    allowance = TableAllowance(
        records.table(aws), "comprehend", per_hour=100, per_day=100, now=lambda: datetime.now(UTC)
    )
    assert allowance.take(30) == 30
    shown = earshot("show")
    assert "30 of 100 texts" in shown.output
    assert "100 texts an hour, 100 a day" in shown.output
    assert "stay inside" in shown.output


# --- try --------------------------------------------------------------------------------------------------------


def test_every_engine_is_shown_beside_the_others_with_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)
    earshot("set", "bedrock", "--model", MODEL)
    tried = earshot("try", TEXT)
    assert tried.exit_code == 0, tried.output
    head, *rows = tried.output.splitlines()
    assert head.split() == [classify(TEXT).engine, "comprehend", f"bedrock/{MODEL}", "the", "case", "gets"]
    urgency = next(row for row in rows if row.startswith("urgency"))
    assert "high 0.80 (bag is lost)" in urgency
    assert next(row for row in rows if row.startswith("sentiment")).count("negative") == 4
    assert "built-in says nothing: numpy is not here" in tried.output


def test_an_engine_that_fails_says_why_and_the_others_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    made, stub = stubbed("comprehend")
    for call in ("batch_detect_dominant_language", "batch_detect_sentiment"):
        stub.add_client_error(call, "AccessDeniedException", http_status_code=400)
    stand_in(monkeypatch, made)
    tried = earshot("try", "Where is my bag?", "--model", MODEL)
    assert tried.exit_code == 0, tried.output
    assert "comprehend says nothing: EngineRefused: AccessDeniedException" in tried.output
    assert f"bedrock/{MODEL}" in tried.output


def test_without_a_model_bedrock_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)
    assert "bedrock says nothing: no model is set" in earshot("try", "Where is my bag?").output
    assert earshot("try", "Where is my bag?", "--model", "meta.llama3").exit_code == 1


def test_nothing_in_a_text_moves_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)
    assert "\x1b" not in earshot("try", "my bag is lost\x1b[2J\x1b]0;x\x07 and nobody answers").output


# --- doctor -----------------------------------------------------------------------------------------------------


def found(where: Target) -> list[doctor.Finding]:
    return list(doctor.examine(where, [doctor.engine]))


def test_an_engine_that_runs_inside_needs_nothing(aws: Target) -> None:
    assert [finding.level for finding in found(aws)] == ["OK"]


def test_settings_that_cannot_be_meant_are_a_failure(aws: Target) -> None:
    aws.client("ssm").put_parameter(
        Name=engine.parameter_name(aws), Value=json.dumps({"choice": "gpt"}), Type="String", Overwrite=True
    )
    [finding] = found(aws)
    assert finding.level == "FAIL"
    assert "not a valid Choice" in finding.text
    assert earshot("set", "builtin").exit_code == 0
    assert [finding.level for finding in found(aws)] == ["OK"]


def test_an_engine_that_answers_and_functions_that_may_ask(stack: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)
    engine.change(stack, {"choice": "bedrock", "model": MODEL})
    assert [finding.level for finding in found(stack)] == ["OK"]
    assert engine.missing_rights(stack, BEDROCK) == []
    assert engine.missing_rights(stack, EngineSettings(choice=Choice.COMPREHEND)) == []


def test_what_the_roles_lack_is_named(stack: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)
    monkeypatch.setattr(engine, "ACTIONS", {Choice.COMPREHEND: ("comprehend:DetectToxicContent",)})
    engine.change(stack, {"choice": "comprehend"})
    answers, lacks = found(stack)
    assert (answers.level, lacks.level) == ("OK", "FAIL")
    assert "casework lacks comprehend:DetectToxicContent" in lacks.text
    assert "casework_urgent lacks" in lacks.text


def test_an_engine_that_does_not_answer_is_a_failure_with_its_reason(
    stack: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, stub = stubbed("comprehend")
    for call in ("batch_detect_dominant_language", "batch_detect_sentiment"):
        stub.add_client_error(call, "SubscriptionRequiredException", http_status_code=400)
    stand_in(monkeypatch, made)
    engine.change(stack, {"choice": "comprehend"})
    [finding] = found(stack)
    assert finding.level == "FAIL"
    assert "Refused, SubscriptionRequiredException" in finding.text


def test_the_local_aws_has_no_model_that_calls_tools(stack: Target) -> None:
    engine.change(stack, {"choice": "bedrock", "model": "amazon.nova-micro-v1:0"})
    [finding] = found(stack)
    assert "Unusable, no call of the tool" in finding.text
