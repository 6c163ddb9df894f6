"""A next step that a person is told can be typed as it is: it is a command of ours, and of the stage it is about."""

import ast
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import click
import pytest

from infra.cli import main
from infra.paths import ROOT

SOURCES = sorted(path for top in ("infra", "chalicelib") for path in (ROOT / top).rglob("*.py"))
FIELD = "{}"  # what an f-string fills in


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every text that the program may print, with its line; docstrings are help texts, which name no stage."""
    docs = {id(node.body[0].value) for node in ast.walk(tree) if has_docstring(node)}  # type: ignore[attr-defined]
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(p.value) if isinstance(p, ast.Constant) else FIELD for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs | inside:
            yield node.lineno, node.value


def has_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None


def commands(path: Path) -> list[tuple[int, str]]:
    """What stands between backticks and begins with our name, and what `next_command` composes."""
    tree = ast.parse(path.read_text())
    found = [(line, words) for line, text in texts(tree) for words in re.findall(r"`earshot ([^`]*)`", text)]
    return [one for one in found if not one[1].startswith(FIELD)] + list(composed(tree))


def composed(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Also what a connector proposes (`Seen.command`), from which the doctor composes it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "next_command":
            for line, words in islice(texts(node.args[0]), 1):  # none for what a connector proposes
                yield line, f"{words} --stage {FIELD}"
        for keyword in node.keywords if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Seen" else ():
            for line, words in islice(texts(keyword.value), 1) if keyword.arg == "command" else ():
                yield line, f"{words} --stage {FIELD}"


def resolved(words: str) -> click.Command | None:
    """The command that the words call, None when there is none of that name."""
    command: click.Command | None = main.main
    context = click.Context(main.main)
    for word in words.split():
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        inner = command.get_command(context, word)
        if inner is None and command.invoke_without_command:
            break
        command = inner
    return command


@pytest.mark.parametrize("path", [p for p in SOURCES if commands(p)], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_next_step_is_a_command_and_names_its_stage(path: Path) -> None:
    for line, words in commands(path):
        command = resolved(words)
        where = f"{path.relative_to(ROOT)}:{line}: `earshot {words}`"
        assert command is not None, f"{where} is no command"
        options = {name for parameter in command.params for name in parameter.opts}
        assert set(re.findall(r"(?<=\s)--[a-z-]+", words)) <= options | {"--help"}, f"{where} has an unknown option"
        if "--stage" in options and path.is_relative_to(ROOT / "infra"):  # a function has no other stage than its own
            assert "--stage" in words, f"{where} does not name its stage: infra.problem.next_command composes it"
