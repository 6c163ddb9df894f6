"""The command line: what it says, and how it ends when something is wrong."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from click.testing import CliRunner

from infra.cli import main
from infra.deploy import target
from infra.deploy.target import Target
from infra.operate.aws_errors import explain
from infra.paths import ROOT
from infra.problem import Problem

NAMES = main.main.list_commands(click.Context(main.main))  # type: ignore[attr-defined]


def run(*arguments: str, input_: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main.main, arguments, input=input_)
    return result.exit_code, result.output


def test_help_lists_every_command_with_its_own_first_line() -> None:
    code, text = run("--help")
    assert code == 0
    for name in NAMES:
        assert f"  {name} " in text
        assert main.summary(main.COMMANDS / f"{name}.py") in " ".join(text.split())


def test_help_tells_apart_who_types_what() -> None:
    grouped = [name for group in main.GROUPS.values() for name in group]
    assert sorted(grouped) == sorted(NAMES), "give each command one group in infra/cli/main.py"
    _, text = run("--help")
    places = [text.index(f"\n{title}:") for title in main.GROUPS]
    assert places == sorted(places)
    assert "Other commands" not in text


def test_help_imports_no_command_and_no_boto3() -> None:
    script = "import sys, infra.cli.main as c; c.main(['--help'], standalone_mode=False); print(sorted(sys.modules))"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert "boto3" not in result.stdout
    assert "infra.cli.commands" not in result.stdout


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name: str) -> None:
    code, text = run(name, "--help")
    assert code == 0
    assert text.startswith("Usage: ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nonsense"], "No such command"),
        (["deploy"], "Missing option '--stage'"),
        (["deploy", "--stage", "local"], "earshot up"),
        (["deploy", "--stage", "Prod!"], "2 to 16 lower-case letters"),
        (["destroy", "--stage", "prod"], "--yes-destroy-prod"),
        (["destroy", "--stage", "local"], "earshot down"),
        (["secrets", "set", "x", "secrets", "--use", "verify"], "PLATFORM.NAME"),
        (["secrets", "set", "nope.main", "secrets", "--use", "verify"], "no platform 'nope'"),
        (["secrets", "set", "x.main", "a=1", "--use", "verify", "--account", "1"], "--use send"),
        (["secrets", "set", "x.main", "a=1", "--use", "send", "--rotate"], "--use verify"),
        (["channels", "set", "x.main"], "at least one"),
        (["send", "nope", __file__], "no platform 'nope'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_ends_with_2_and_says_what_is_right(arguments: list[str], sentence: str) -> None:
    code, text = run(*arguments)
    assert code == 2
    assert sentence in " ".join(text.split())


def test_destroy_stops_at_a_wrong_name() -> None:
    code, text = run("destroy", "--stage", "dev", input_="prod\n")
    assert code == 2
    assert "nothing was deleted" in text


def test_a_problem_ends_with_1_and_names_the_next_step(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_runs(_stage: str) -> Target:
        raise Problem("The local AWS is not running.", "`earshot up`")

    monkeypatch.setattr(target, "for_stage", nothing_runs)
    code, text = run("doctor")
    assert code == 1
    assert text == "Error: The local AWS is not running.\nNext step: `earshot up`\n"


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetThing")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NoCredentialsError(), "no AWS credentials"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), "does not answer"),
        (client_error("ExpiredToken"), "not valid any more"),
        (client_error("AccessDeniedException"), "AWS refuses"),
        (client_error("Throttling"), "Throttling"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_what_boto3_raises_becomes_a_sentence(error: Exception, sentence: str) -> None:
    problem = explain(error)  # type: ignore[arg-type]
    assert sentence in problem.message
    assert problem.next_step


def test_an_aws_error_in_a_command_is_put_into_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_credentials(_stage: str) -> Target:
        raise NoCredentialsError

    monkeypatch.setattr(target, "for_stage", no_credentials)
    code, text = run("secrets", "list")
    assert code == 1
    assert "aws configure" in text


def test_a_secret_from_a_file_that_holds_no_text_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "for_stage", lambda stage: None)
    file = tmp_path / "key"
    file.write_bytes(b"\xff\x00SECRET")
    code, text = run("secrets", "set", "x.main", f"secrets=@{file}", "--use", "verify")
    assert (code, "holds no text" in text, "SECRET" in text) == (2, True, False)
