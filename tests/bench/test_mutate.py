"""What was found is counted right: what nobody can explain is not noticed, and nothing tried is no success."""

from pathlib import Path

import pytest

from bench import mutate, reach
from bench.mutants import Mutant, compiles, mutants
from bench.mutate import Verdicts, candidates, drawn, noticed_percent, ran, reaching, summary, tried, verdict_of

PRODUCT = '''def cheaper(price: int, limit: int) -> bool:
    """Whether a price is below the limit."""
    return price < limit


def never_called(price: int) -> int:
    return price + 1
'''
TEST = """from chalicelib.prices import cheaper


def test_below():
    assert cheaper(1, 2)
    assert not cheaper(2, 2)
"""
SLOW = """import time

from chalicelib.prices import cheaper


def test_hangs_when_wrong():
    while not cheaper(1, 2):
        time.sleep(0.01)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A product of one module with one test file."""
    for name, text in {
        "chalicelib/__init__.py": "",
        "chalicelib/prices.py": PRODUCT,
        "tests/test_prices.py": TEST,
        "tests/test_slow.py": SLOW,
        "bench/__init__.py": "",
        "bench/reach.py": Path(reach.__file__).read_text(),
    }.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return tmp_path


def of(text: str, after: str) -> Mutant:
    [found] = [mutant for mutant in mutants("chalicelib/prices.py", text) if mutant.after == after]
    return found


def changes(text: str) -> set[tuple[str, str]]:
    found = mutants("some.py", text)
    assert all(text[mutant.start : mutant.end] == mutant.before for mutant in found)
    return {(mutant.before, mutant.after) for mutant in found if compiles(mutant, text)}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a = b < c", {("<", "<=")}),
        ("a = b >= c", {(">=", ">")}),
        ("a = b is not None", {("is not", "is")}),
        ("a = b in c", {("in", "not in")}),
        ("a = b or c", {("or", "and"), ("b", "False"), ("c", "False")}),
        ("a = (b) and c", {("and", "or"), ("(b)", "True"), ("c", "True")}),
        ("a = not b", {("not b", "bool(b)")}),
        ("a = b + 4", {("+", "-"), ("4", "5")}),
        ("a = 'key'", {("'key'", "'key~'")}),
        ("a = True", {("True", "False")}),
        ("a = [b for b in c if b]", {("b", "True")}),
        ("def f():\n    stop()\n", {("stop()", "pass")}),
        ("def f():\n    return b\n", {("b", "None")}),
        ("def f():\n    if b:\n        c -= d\n", {("b", "(not (b))"), ("-=", "+=")}),
        ("a = 'ä' if b else c", {("b", "(not (b))"), ("'ä'", "'ä~'")}),  # ast counts bytes, not characters
    ],
)
def test_each_kind_of_change(text: str, wanted: set[tuple[str, str]]) -> None:
    assert changes(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        '"""A module."""',
        'class A:\n    """A class."""\n    __slots__ = ("a",)\n',
        "class A(Protocol):\n    def f(self, a: int = 3) -> int: ...\n",
        "class A(Protocol[T]):\n    b = 3\n",
        "__all__ = ['a']",
        "Names = tuple[str, ...]",
        "Name = str | None",
        "T = TypeVar('T', bound='A')",
        "def f(a: 'A | None') -> 'B': ...",
        "if TYPE_CHECKING:\n    a = 3\n",
        "def f():\n    log.info('done', 3)\n",
        "def f():\n    logging.getLogger(__name__).warning('done', 3)\n",
        "def f():\n    raise ValueError('bad', 3)\n",
        "def f():\n    click.echo('done')\n",
        "@click.option('--all', help='every')\ndef f(): ...\n",
        "def f():\n    assert a is not None\n",
        "def f():\n    return\n",
        "a = 'words for people'",
    ],
)
def test_what_no_test_should_pin_is_refused(text: str) -> None:
    assert changes(text) == set()


def test_a_mutant_of_another_text_is_not_written() -> None:
    with pytest.raises(ValueError, match="changed"):
        of(PRODUCT, "<=").applied(f"# a line more\n{PRODUCT}")


def test_a_mutant_says_where_it_is_and_in_what() -> None:
    mutant = of(PRODUCT, "<=")
    assert (mutant.line, mutant.function) == (3, "cheaper")
    assert str(mutant) == "chalicelib/prices.py:3: < -> <=  in  return price < limit"


def test_the_same_seed_draws_the_same_mutants(checkout: Path) -> None:
    every = candidates(checkout)
    assert drawn(every, 3, 1, checkout) == drawn(every, 3, 1, checkout)
    assert drawn(every, 3, 1, checkout) != drawn(every, 3, 2, checkout)
    assert len(drawn(every, 1000, 1, checkout)) == len(every) == 5
    assert candidates(checkout, "infra") == []


@pytest.fixture
def reached(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> mutate.Reached:
    monkeypatch.setattr(mutate, "KEPT", checkout / "kept")
    return mutate.reach(checkout, fresh=False)


def test_the_map_says_which_test_calls_what(checkout: Path, reached: mutate.Reached) -> None:
    assert {test: entry["functions"] for test, entry in reached.items()} == {
        "tests/test_prices.py::test_below": ["chalicelib/prices.py::cheaper"],
        "tests/test_slow.py::test_hangs_when_wrong": ["chalicelib/prices.py::cheaper"],
    }
    assert mutate.reach(checkout, fresh=False) == reached


def test_a_mutant_is_noticed_by_the_tests_that_call_it_and_leaves_nothing(
    checkout: Path, reached: mutate.Reached
) -> None:
    mutant = of(PRODUCT, "<=")
    tests = [test for test in reaching(mutant, reached, checkout) if "prices" in test]
    assert tried(checkout, mutant, tests, emulator=False) == "failed"
    assert (checkout / "chalicelib/prices.py").read_text() == PRODUCT
    assert tried(checkout, mutant, ["tests/test_slow.py::test_hangs_when_wrong"], emulator=False) == "survived"
    assert tried(checkout, mutant, [], emulator=False) == "no test"


def test_a_run_that_hangs_is_stopped(checkout: Path) -> None:
    file = checkout / "chalicelib/prices.py"
    file.write_text(PRODUCT.replace("price < limit", "None"))
    assert ran(checkout, [*mutate.PYTEST, "tests/test_slow.py"], limit=5) == "timed out"


@pytest.mark.parametrize(
    ("code", "verdict"),
    [(0, "survived"), (1, "failed"), (2, "failed"), (5, "no test"), (-11, "unclear"), (None, "timed out")],
)
def test_how_a_run_ended(code: int | None, verdict: str) -> None:
    assert verdict_of(code) == verdict


def test_only_what_was_noticed_counts(tmp_path: Path) -> None:
    chosen = mutants("chalicelib/prices.py", PRODUCT)[:4]
    verdicts = Verdicts(tmp_path / "kept" / "1.json")
    for mutant, verdict in zip(chosen, ("failed", "timed out", "survived"), strict=False):
        verdicts.add(mutant, verdict)
    again = Verdicts(verdicts.file).known
    assert again == verdicts.known
    assert noticed_percent(chosen, again) == 50
    assert summary(chosen, again, 7).splitlines() == [
        "Nobody noticed:",
        f"  {chosen[2]}",
        f"  {chosen[3]}",
        "4 mutants, seed 7: 1 failed, 1 not tried, 1 survived, 1 timed out; 50.0 % noticed, 90 % wanted",
    ]


def test_a_run_that_tried_nothing_does_not_pass() -> None:
    assert noticed_percent([], {}) == 0
    assert summary([], {}, 1) == "0 mutants, seed 1: ; 0.0 % noticed, 90 % wanted"
