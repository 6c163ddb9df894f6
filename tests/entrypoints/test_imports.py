"""What each function loads for one event: a set, not a stopwatch. `make bench` has the stopwatch."""

import subprocess
import sys
from functools import cache

import pytest

from chalicelib import connectors
from infra.paths import ROOT

WORKERS = (
    "triage",
    "casework",
    "casework_urgent",
    "sla_watch",
    "incident_watch",
    "listen",
    "deliver",
    "forward",
    "report",
)
PLATFORMS = sorted(connectors.names())
# What belongs to parsing, to answering, to pages, and to none of ours.
HEAVY = {
    "pydantic",
    "requests",
    "requests_oauthlib",
    "oauthlib",
    "jinja2",
    "markupsafe",
    "boto3",
    "aws_lambda_powertools",
    "numpy",
}


@cache
def loaded(function: str, platform: str = "x") -> frozenset[str]:
    """The modules in a fresh interpreter after one event."""
    command = [sys.executable, "-m", "tests.entrypoints.fresh", function, platform]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return frozenset(ended.stderr.splitlines())


def of(modules: frozenset[str], *packages: str) -> set[str]:
    """Those of the modules that are one of the packages or in it."""
    return {name for name in modules if any(name == p or name.startswith(f"{p}.") for p in packages)}


def platforms_in(modules: frozenset[str]) -> set[str]:
    return {name for name in PLATFORMS if of(modules, f"chalicelib.connectors.{name}")}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_webhook_loads_its_platform_and_nothing_heavy(platform):
    modules = loaded("webhook", platform)
    assert platforms_in(modules) == {platform}
    assert of(modules, *HEAVY) == set()
    own = of(modules, f"chalicelib.connectors.{platform}")
    assert own == {f"chalicelib.connectors.{platform}", f"chalicelib.connectors.{platform}.webhook"}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_webhook_loads_nothing_that_comes_after_the_queue(platform):
    modules = loaded("webhook", platform)
    later = {f"chalicelib.{name}" for name in ("classify", "console", "policies", "adapters.dynamo", "adapters.cases")}
    assert of(modules, *later) == set()
    assert of(modules, "chalicelib.usecases") == {"chalicelib.usecases", "chalicelib.usecases.receive"}
    assert of(modules, "chalicelib.domain.case", "chalicelib.domain.calendar", "chalicelib.domain.policy") == set()


@pytest.mark.parametrize("function", WORKERS)
def test_a_worker_never_loads_the_application(function):
    assert of(loaded(function), "app") == set()


@pytest.mark.parametrize("function", [name for name in WORKERS if name not in ("deliver", "forward")])
def test_only_who_calls_others_loads_what_it_takes(function):
    assert of(loaded(function), "requests", "requests_oauthlib", "oauthlib") == set()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_triage_loads_the_platform_of_the_request_and_no_cases(platform):
    modules = loaded("triage", platform)
    assert platforms_in(modules) == {platform}
    assert of(modules, "chalicelib.usecases") == {
        "chalicelib.usecases",
        "chalicelib.usecases.labelling",
        "chalicelib.usecases.triage",
    }


@pytest.mark.parametrize("function", ["webhook", "triage", "sla_watch", "deliver", "forward"])
def test_only_casework_may_load_what_is_in_the_layer(function):
    assert of(loaded(function), "numpy", "earshot_encoder", "chalicelib.classify.encoder") == set()


@pytest.mark.parametrize("function", ["webhook", "sla_watch", "deliver", "forward"])
def test_only_who_judges_texts_loads_what_judges_them(function):
    assert of(loaded(function), "chalicelib.classify") == set()


@pytest.mark.parametrize("function", ["casework", "casework_urgent", "sla_watch", "report"])
def test_who_works_on_cases_knows_of_a_platform_what_its_manifest_says_and_reads_no_payload(function):
    modules = loaded(function)
    manifests = {f"chalicelib.connectors.{name}" for name in platforms_in(modules)}
    assert platforms_in(modules) <= {"x"}  # that of the event
    assert of(modules, *manifests) == manifests
    assert of(modules, "pydantic", "jinja2", "chalicelib.classify", "chalicelib.console") == set()


@pytest.mark.parametrize("function", ["webhook", *WORKERS])
def test_only_the_console_draws_pages(function):
    assert of(loaded(function), "jinja2", "markupsafe", "chalicelib.console") == set()


def test_nothing_of_the_tools_of_this_repository_is_loaded_anywhere():
    functions = ("webhook", *WORKERS)
    assert {function: of(loaded(function), "infra", "bench", "pytest", "boto3") for function in functions} == {
        function: set() for function in functions
    }
