"""Each error that a use case can raise towards a route has its answer, and the next one that is forgotten is found."""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest

from chalicelib.entrypoints import errors
from chalicelib.ports.connector.receiving import HandshakeRefused, RequestRefused
from infra.paths import ROOT

SOURCES = sorted((ROOT / "chalicelib").rglob("*.py"))
# Errors that no route sees. The reason is who takes them.
ELSEWHERE = {
    "chalicelib.ports.alerts.AlertUndelivered": "the sweep and `forward`: it comes again",
    "chalicelib.ports.connector.replying.MaybeSent": "`deliver` looks first",
    "chalicelib.ports.inbound.Malformed": "the workers' dead letters",
    "chalicelib.ports.secrets.SecretMissing": "webhooks",
    "chalicelib.ports.table.Conflict": "`timeline.retrying` tries again, and ends in Overtaken",
    "chalicelib.ports.web_keys.KeysUnavailable": "webhooks: nothing was stored, the platform sends again",
    "chalicelib.usecases.forward.TryLater": "the queue `forward` brings it again",
    "chalicelib.usecases.labelling.OutOfTime": "triage leaves the rest to the word lists",
    "chalicelib.usecases.receive.NotConfirmed": "webhooks: the platform's own call failed, it asks again",
    "chalicelib.usecases.listen.SliceRefused": "`listen` goes on with another account",
}


def module_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")


def public_errors() -> dict[str, type[Exception]]:
    """Every public error class of the house, by its place."""
    found = {}
    for path in SOURCES:
        text = path.read_text()
        if "/connectors/" in path.as_posix() or "class " not in text:
            continue
        module = importlib.import_module(module_of(path))
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == module.__name__:
                found[f"{module.__name__}.{name}"] = value
    return {place: kind for place, kind in found.items() if not kind.__name__.startswith("_")}


def named_in_docstrings() -> set[str]:
    """What public functions of use cases say that they raise, as the name alone."""
    found: set[str] = set()
    for path in SOURCES:
        if not module_of(path).startswith("chalicelib.usecases"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                for sentence in re.findall(r"Raises ([^.:;]*(?:\.\w[^.:;]*)*)", ast.get_docstring(node) or ""):
                    found |= set(re.findall(r"\b[A-Z][a-z]+[A-Za-z]*\b", sentence))
    return found


ERRORS = public_errors()
NAMED = named_in_docstrings()
TOWARDS_ROUTES = sorted(
    place
    for place, kind in ERRORS.items()
    if not issubclass(kind, RequestRefused | HandshakeRefused)  # webhooks answer platforms, each with its own status
    and (place.startswith("chalicelib.usecases.") or (place.startswith("chalicelib.ports.") and kind.__name__ in NAMED))
)


def test_the_list_is_drawn_from_classes_and_docstrings() -> None:
    assert {"UnknownCase", "Overtaken", "Refused", "UnknownCursor", "NobodyKnown"} <= NAMED
    assert {"chalicelib.usecases.act.NotAllowed", "chalicelib.ports.incidents.UnknownCursor"} <= set(TOWARDS_ROUTES)


@pytest.mark.parametrize("place", TOWARDS_ROUTES)
def test_an_error_of_a_use_case_has_an_answer_or_a_reason_to_have_none(place: str) -> None:
    assert (place in errors.ANSWERS) != (place in ELSEWHERE)


@pytest.mark.parametrize("place", ELSEWHERE)
def test_a_reason_is_given_for_an_error_that_there_is(place: str) -> None:
    assert place in TOWARDS_ROUTES


@pytest.mark.parametrize("place", errors.ANSWERS)
def test_an_answer_is_for_an_error_that_there_is_and_is_whole(place: str) -> None:
    answer, kind = errors.ANSWERS[place], ERRORS[place]
    assert 400 <= answer.status < 600 or "self.status = " in inspect.getsource(kind)
    assert answer.code or re.search(r"\bself\.code = |\bcode: ", "".join(map(inspect.getsource, own(kind))))


def own(kind: type[Exception]) -> list[type]:
    """The class and those of ours that it is made of."""
    return [one for one in kind.__mro__ if one.__module__.startswith("chalicelib.")]


@pytest.mark.parametrize("place", [place for place, answer in errors.ANSWERS.items() if answer.sentence])
def test_the_api_and_a_page_answer_with_one_status_and_never_with_the_error_s_own_words(place: str) -> None:
    error = ERRORS[place]("a secret of the house")
    said, page = errors.known(error), errors.known_on_a_page(error)
    assert said is not None
    assert page is not None
    assert said.status == page[0]
    assert "secret of the house" not in str(said) + page[1] + page[2]


def test_what_nobody_expected_is_not_known() -> None:
    assert errors.known(RuntimeError("x")) is None
    assert errors.known_on_a_page(RuntimeError("x")) is None


def test_a_subclass_has_no_answer_of_another() -> None:
    class Special(errors.ApiError):
        pass

    assert errors.known(Special(400, "a", "b")) is None
