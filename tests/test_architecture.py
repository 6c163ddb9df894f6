"""The house rules that a linter does not know."""

import ast
import json
import logging
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from chalicelib import connectors
from chalicelib.domain.events import EventKind
from infra.deploy.iam_policies import GUARDS
from infra.paths import CHALICE, ROOT, TEMPLATE

SHIPPED = ROOT / "chalicelib"
MODULES = sorted(SHIPPED.rglob("*.py"))
ADAPTERS = "chalicelib/adapters/"
KEYS = "chalicelib/adapters/keys.py"
INVENTORY = "chalicelib/adapters/inventory.py"  # says of each what it holds


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> Iterator[str]:
    """The top-level packages that a module imports, anywhere in it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".", maxsplit=1)[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".", maxsplit=1)[0]


def texts(path: Path) -> Iterator[str]:
    """Every text in a module but its docstrings."""
    documents = {id(node.body[0].value) for node in ast.walk(tree(path)) if _has_docstring(node)}  # type: ignore[attr-defined]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
            yield node.value


def _has_docstring(node: ast.AST) -> bool:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return isinstance(node, kinds) and ast.get_docstring(node) is not None


# --- who may import what ---------------------------------------------------------------------------------------


@pytest.fixture
def loggers_as_they_were():
    """import-linter configures logging anew, which disables every logger there is: later tests would hear nothing."""
    before = {
        one: one.disabled for one in logging.Logger.manager.loggerDict.values() if isinstance(one, logging.Logger)
    }
    yield
    for one, disabled in before.items():
        one.disabled = disabled


def test_imports_go_down_only(capsys, loggers_as_they_were):
    status = lint_imports(str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert status == 0, capsys.readouterr().out


def test_app_creates_the_application_and_nothing_else():
    assert set(imported(ROOT / "app.py")) == {"chalice", "chalicelib"}
    defined = [node for node in ast.walk(tree(ROOT / "app.py")) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    assert defined == []


def test_nothing_imports_app():
    assert [name_of(path) for path in MODULES if "app" in imported(path)] == []


# Where a package may be used: what reaches outside, asks the time or throws dice is an adapter.
ALLOWED = {
    **dict.fromkeys(("time", "random", "secrets", "uuid"), (ADAPTERS,)),
    **dict.fromkeys(("botocore", "requests", "requests_oauthlib", "urllib3", "ssl", "socket"), (ADAPTERS,)),
    **dict.fromkeys(("subprocess", "smtplib", "ftplib", "sqlite3", "asyncio", "logging", "threading"), (ADAPTERS,)),
    "boto3": (),
    "pickle": (),
    "os": ("chalicelib/config.py", f"{ADAPTERS}engines/builtin.py"),
    "chalice": ("chalicelib/entrypoints/",),
    **dict.fromkeys(("jinja2", "markupsafe"), ("chalicelib/console/rendering.py",)),
    "aws_lambda_powertools": ("chalicelib/entrypoints/metrics.py",),
    "pydantic": (
        *(
            "chalicelib/connectors/",
            "chalicelib/entrypoints/api_models.py",
            "chalicelib/entrypoints/incident_models.py",
        ),
        f"{ADAPTERS}engines/prompt.py",
    ),
}


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_is_used_only_where_it_belongs(package):
    users = [name_of(path) for path in MODULES if package in imported(path)]
    assert [user for user in users if not user.startswith(ALLOWED[package])] == []


def test_the_time_is_passed_in():
    """`datetime.now` and its like need no import that would give them away."""
    clocks = {"now", "utcnow", "today"}
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        if not name_of(path).startswith(ADAPTERS)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in clocks
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    ]
    assert found == []


def test_only_one_place_writes_log_lines():
    found = [
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == ["chalicelib/adapters/logs.py"]


# --- platforms -------------------------------------------------------------------------------------------------

PLATFORMS = connectors.names()
# Where a platform may be named: in its own folder, and in what stands in place of one or measures with one.
NAMES_PLATFORMS = {
    "infra/demo/": "the story that the demo plays, on these platforms",
    "infra/standins/": "servers in place of these platforms",
    "infra/local/standins.py": "starts those servers",
    "infra/local/probe.py": "sends a post of the demo over the road of a local stage",
    "infra/scenarios/": "stories of the clocks happen on one of them unless they say otherwise",
    "bench/": "measures with what these platforms send",
    "train/": "data sets are from these platforms",
}
# The same letters, and no platform.
NO_PLATFORM = {
    "chalicelib/domain/incidents/words.py": {"x"},  # a number's format
    "chalicelib/domain/lookalikes.py": {"x"},  # the letter
    "infra/operate/freshen.py": {"x"},  # the name of a group in a pattern
}


def named_platforms(path: Path) -> set[str]:
    """The platforms whose id, or one of whose channels, is a text of the module; and those that it imports."""
    named = {text for text in texts(path) if text in PLATFORMS}
    named |= {text.partition(".")[0] for text in texts(path) if re.fullmatch(r"[a-z_]+\.[a-z0-9-]+", text)} & PLATFORMS
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chalicelib.connectors"):
            parts = {*str(node.module).split("."), *(alias.name for alias in node.names)}
            named |= parts & PLATFORMS
    return named


def test_only_a_platforms_own_folder_names_it():
    """Whatever the core must know of a platform stands in its manifest."""
    looked_at = 0
    found = []
    for path in [*MODULES, *sorted((ROOT / "infra").rglob("*.py")), ROOT / "app.py"]:
        name = name_of(path)
        if name.startswith(tuple(NAMES_PLATFORMS)):
            continue
        looked_at += 1
        own = {p for p in PLATFORMS if name.startswith(f"chalicelib/connectors/{p}/")}
        found += [(name, platform) for platform in named_platforms(path) - own - NO_PLATFORM.get(name, set())]
    assert looked_at > 200
    assert found == []


@pytest.mark.parametrize("folder", NAMES_PLATFORMS)
def test_what_may_name_platforms_is_there(folder):
    assert (ROOT / folder).exists()


@pytest.mark.parametrize(
    ("source", "platform"),
    [
        ('if platform == "x":\n    pass', "x"),
        ('LENGTHS = {"facebook": 24}', "facebook"),
        ('CHANNEL = "facebook.main"', "facebook"),
        ("from chalicelib.connectors.x import weighted", "x"),
        ("from chalicelib.connectors import facebook", "facebook"),
    ],
)
def test_a_platform_that_is_named_is_found(tmp_path, source, platform):
    path = tmp_path / "some.py"
    path.write_text(source)
    assert named_platforms(path) == {platform}


# --- keys ------------------------------------------------------------------------------------------------------


def prefixes() -> set[str]:
    """The beginnings of keys, as the one file that makes them says."""
    found = {match[0] for text in texts(SHIPPED / "adapters" / "keys.py") for match in re.finditer("[A-Z]+#", text)}
    assert {"CASE#", "MSG#", "EVENT#", "DUE#"} <= found
    return found


def test_only_one_file_makes_keys():
    made = re.compile("|".join(rf"\b{re.escape(prefix)}" for prefix in prefixes()))
    others = [path for path in MODULES if name_of(path) not in (KEYS, INVENTORY)]
    assert [(name_of(path), text) for path in others for text in texts(path) if made.search(text)] == []


EVENTS = "chalicelib/domain/events.py"


KINDS_OF_EVENTS = {kind.value for kind in EventKind}


def _event_keys(source: ast.AST) -> Iterator[str]:
    """Places that make an event's key, or take one apart, by its separator."""
    for node in ast.walk(source):
        shown = ast.unparse(node) if isinstance(node, ast.JoinedStr | ast.Call) else ""
        last = shown.rpartition("|")[2].strip("\"'{}") if "|" in shown else ""
        is_made = isinstance(node, ast.JoinedStr) and (last.startswith("EventKind.") or last in KINDS_OF_EVENTS)
        if is_made or re.search(r"\b(key|message_key|clock_id)\.r?(split|partition)\('\|'", shown):
            yield shown


@pytest.mark.parametrize(
    "source",
    [
        'f"{a.platform}|{a.id}|{EventKind.MENTION}"',
        'f"{fact.platform}|{fact.id}|mention"',
        'clock.message_key.split("|")[1]',
        'key.partition("|")',
    ],
)
def test_a_key_of_an_event_that_is_made_or_taken_apart_is_found(source):
    assert list(_event_keys(ast.parse(source)))


def test_only_one_file_makes_the_keys_of_events_and_takes_them_apart():
    others = [path for path in (*MODULES, *sorted((ROOT / "infra").rglob("*.py"))) if name_of(path) != EVENTS]
    assert [(name_of(path), place) for path in others for place in _event_keys(tree(path))] == []


# --- words -----------------------------------------------------------------------------------------------------

# The same name in several rooms, with the reason; everything else is told apart by its name alone.
SHARED_NAMES = {
    "Ports": "what a use case needs from outside: one of each, always read beside its module",
}
# What a platform sends is called as that platform calls it.
PAYLOADS = re.compile(r"chalicelib/connectors/[a-z]\w*/payloads\.py")


def test_a_public_class_has_a_name_of_its_own():
    homes: dict[str, list[str]] = {}
    for path in (*MODULES, *sorted((ROOT / "infra").rglob("*.py"))):
        if PAYLOADS.fullmatch(name_of(path)):
            continue
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(name_of(path))
    assert len(homes) > 300
    several = {name: paths for name, paths in homes.items() if len(paths) > 1}
    assert several.keys() == SHARED_NAMES.keys(), several


# --- how it reads ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_public_module_says_what_it_is(path):
    is_private = path.stem.startswith("_") and path.stem != "__init__"
    assert is_private or ast.get_docstring(tree(path))


def test_no_function_is_longer_than_a_screen():
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, functions) and (node.end_lineno or node.lineno) - node.lineno >= 60
    ]
    assert found == []


# --- what must not be in the repository ------------------------------------------------------------------------

SECRETIVE = re.compile(r"secret|password|passwd|credential|token|api_?key|private_?key", re.IGNORECASE)


def objects(value: object) -> Iterator[dict[str, object]]:
    """Every object in a JSON document."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)


def test_no_environment_holds_a_secret():
    config = json.loads((CHALICE / "config.json").read_text())
    environments = [found["environment_variables"] for found in objects(config) if "environment_variables" in found]
    names = {name for environment in environments for name in environment}  # type: ignore[attr-defined]
    assert "STAGE" in names
    assert {name for name in names - {"STAGE"} if not name.startswith("EARSHOT_") or SECRETIVE.search(name)} == set()


@pytest.mark.parametrize(
    "path", [TEMPLATE, *sorted(CHALICE.glob("*.json")), *CHALICE.rglob("policies/*/*.json")], ids=name_of
)
def test_what_is_deployed_names_no_secret(path):
    """The keys that roles are kept away from are named, and hold none."""
    guarded = {f'"{guard.pk}"' for guard in GUARDS}
    written = path.read_text(encoding="utf-8").splitlines()
    lines = [line for line in written if line.strip(" ,") not in guarded]
    assert [line for line in lines if SECRETIVE.search(line.partition("#")[0])] == []


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name.decode() for name in listed.split(b"\0") if name]


# Where packages come from is the business of the machine that installs them.
REGISTRIES = re.compile(
    rb"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|ghcr\.io|docker\.io|crates\.io|--(?:extra-)?index-url"
)


def test_no_file_names_a_registry():
    others = [path for path in tracked() if path != Path(__file__) and path.is_file()]
    assert len(others) > 100
    assert [name_of(path) for path in others if REGISTRIES.search(path.read_bytes())] == []


def test_no_file_holds_a_key():
    """Ids of AWS keys, and private keys."""
    keys = re.compile(rb"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|-----BEGIN [A-Z ]*PRIVATE KEY")
    others = [path for path in tracked() if path != Path(__file__) and path.is_file()]
    assert [name_of(path) for path in others if keys.search(path.read_bytes())] == []


# --- walks over what is stored -----------------------------------------------------------------------------------

# These walk types of our own, or the rungs of a ladder that a file of ours limits; never ids that others chose.
MAY_CALL_THEMSELVES = {
    "chalicelib/usecases/show.py": {"as_plain"},
    "chalicelib/usecases/sla_watch.py": {"_claim", "_claimed", "_page", "_next_step"},
}


def calling_themselves(path: Path) -> set[str]:
    """Functions of a module that come back to themselves, also by way of others in it or through `self`."""
    calls: dict[str, set[str]] = {}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            calls.setdefault(node.name, set()).update(_named_in(node))
    return {name for name in calls if name in _reached(name, calls)}


def _named_in(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node.attr


def _reached(name: str, calls: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = [name]
    while ahead:
        found = {other for other in calls[ahead.pop()] if other in calls} - reached
        reached |= found
        ahead += found
    return reached


@pytest.mark.parametrize("path", sorted((SHIPPED / "usecases").rglob("*.py")), ids=name_of)
def test_use_cases_walk_what_is_stored_in_loops(path):
    assert calling_themselves(path) == MAY_CALL_THEMSELVES.get(name_of(path), set())
