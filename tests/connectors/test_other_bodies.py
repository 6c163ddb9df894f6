"""A platform whose deliveries are forms, signed with the address that was called, passes the same contract as any."""

import re
import shutil
from pathlib import Path

import pytest

from tests import more_platforms

NAME = "switchboard"
INVENTED = Path(__file__).parent / "invented"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its code and its fixtures, with goldens."""
    root = tmp_path_factory.mktemp("forms")
    shutil.copytree(INVENTED / NAME, root / "chalicelib" / "connectors" / NAME)
    shutil.copytree(INVENTED / f"{NAME}_fixtures", root / "tests" / "fixtures" / NAME)
    more_platforms.write_goldens(root, NAME)
    return root


def test_it_passes_the_contract(root: Path) -> None:
    done = more_platforms.suite(root, NAME)
    assert done.returncode == 0, done.stdout[-6000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 50


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("webhook.py", "check_hmac(request", "request or (request"),
        ("webhook.py", "sorted(set(fields(request.body)))", "[]"),
        ("parse.py", "if message_id is None or writer is None:", "if writer is None:"),
        ("__init__.py", "Protection.REQUEST", "Protection.SENDER"),
    ],
    ids=["no check", "body not signed", "no id", "claims less than it proves"],
)
def test_a_mistake_in_it_would_be_found(root: Path, tmp_path: Path, file: str, old: str, new: str) -> None:
    shutil.copytree(root, tmp_path, dirs_exist_ok=True)
    code = tmp_path / "chalicelib" / "connectors" / NAME / file
    text = code.read_text()
    assert text.count(old) == 1
    code.write_text(text.replace(old, new))
    done = more_platforms.suite(tmp_path, NAME, options=["--exitfirst"])
    assert done.returncode == 1, done.stdout[-3000:]
    assert "failed" in done.stdout
