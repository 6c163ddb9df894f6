"""docs/adding-a-platform.md works: the platform that it builds passes everything that a platform must pass."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.paths import ROOT
from tests import more_platforms
from tests.connectors import guide

ABILITIES = {"webhook.py", "parse.py", "reply.py", "setup.py", "health.py"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The platform as it would lie in a checkout, its goldens written where the page shows none."""
    root = tmp_path_factory.mktemp("guide")
    guide.build(root)
    more_platforms.write_goldens(root, guide.PLATFORM)
    return root


def test_the_page_holds_every_file() -> None:
    assert set(guide.files()) >= {"__init__.py", *ABILITIES}
    text = guide.PAGE.read_text()
    for name in ("poll.py", "token.py", *ABILITIES):
        assert f"| `{name}` |" in text


def test_its_code_is_written_as_ours(built: Path) -> None:
    code = built / "chalicelib" / "connectors" / guide.PLATFORM
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--config", str(ROOT / "pyproject.toml")]
    for command in (
        [*ruff, "format", "--check", *options, str(code)],
        [*ruff, "check", *options, "--config", "lint.isort.known-first-party=['chalicelib']", str(code)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_platform_of_the_page_passes_the_contract(built: Path) -> None:
    done = more_platforms.suite(built, guide.PLATFORM)
    assert done.returncode == 0, done.stdout[-6000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 100
    assert "skipped" not in done.stdout


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("webhook.py", "check_token(request.headers.get(HEADER), secrets)", "pass"),
        ("parse.py", "FactKind.ANSWER if is_ours else FactKind.MENTION", "FactKind.MENTION"),
        ("reply.py", "posts=True", "posts=False"),
        ("api.py", "/bot{{token}}/", "/bot{token}/"),
        ("health.py", 'read_text(info.get("url")) != context.callback_url', "False"),
    ],
    ids=["no check", "we are a customer", "no mark", "secret address", "blind"],
)
def test_a_mistake_in_it_would_be_found(built: Path, tmp_path: Path, file: str, old: str, new: str) -> None:
    subprocess.run(["cp", "-r", f"{built}/.", str(tmp_path)], check=True)
    code = tmp_path / "chalicelib" / "connectors" / guide.PLATFORM / file
    text = code.read_text()
    assert old in text
    code.write_text(text.replace(old, new))
    done = more_platforms.suite(tmp_path, guide.PLATFORM, options=["--exitfirst"])
    assert done.returncode == 1, done.stdout[-3000:]
    assert "failed" in done.stdout
