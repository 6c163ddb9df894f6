"""What ships: everything that is needed, compiled, and nothing that the runtime has."""

import marshal
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import ModuleLoader

from bench.understanding import MOST_CODE_MB
from chalicelib import connectors
from chalicelib.console.rendering import TEMPLATES
from infra.deploy import packaging, runtime
from infra.deploy.packaging import MIB
from infra.paths import ROOT
from infra.problem import Problem


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packaging.package("dev", build=tmp_path_factory.mktemp("build"), say=lambda _line: None).zip_file


def names(zip_file: Path) -> set[str]:
    with zipfile.ZipFile(zip_file) as content:
        return set(content.namelist())


def make_zip(path: Path, entries: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as content:
        for name, text in entries.items():
            content.writestr(name, text)
    return path


def test_every_module_ships_with_its_bytecode(shipped: Path) -> None:
    inside = names(shipped)
    modules = [n for n in inside if n.endswith(".py") and n.startswith(("chalicelib/", "pydantic/"))]
    compiled = {f"{Path(m).parent}/__pycache__/{Path(m).stem}.{sys.implementation.cache_tag}.pyc" for m in modules}
    assert modules
    assert compiled <= inside


def test_bytecode_is_trusted_without_its_source_and_names_the_lambda_path(shipped: Path) -> None:
    with zipfile.ZipFile(shipped) as content:
        data = content.read(f"chalicelib/__pycache__/config.{sys.implementation.cache_tag}.pyc")
    flags = int.from_bytes(data[4:8], "little")  # PEP 552: bit 0 hash-based, bit 1 checked against the source
    assert flags == 0b01
    code = marshal.loads(data[16:])  # noqa: S302 - what we have just compiled
    assert code.co_filename == "/var/task/chalicelib/config.py"


def test_every_template_of_the_console_ships_compiled_and_none_as_text(shipped: Path) -> None:
    inside = names(shipped)
    templates = [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")]
    modules = {ModuleLoader.get_template_key(name) for name in templates}
    assert "signed_in.html" in templates
    assert {f"chalicelib/console/compiled/{name}.py" for name in modules} <= inside
    assert not [name for name in inside if name.startswith("chalicelib/console/templates/")]


SERVE = """
import sys
from datetime import UTC, date, datetime
import jinja2.environment as engine
def compile_none(*args, **kwargs): raise AssertionError("a template was compiled")
engine.Environment.compile = engine.Environment._parse = engine.Environment._generate = compile_none
from chalicelib.console import acknowledge, cases, causes, rendering, sign_in
from chalicelib.usecases.report import CauseReport
assert str(rendering.COMPILED).startswith(sys.argv[1]), rendering.COMPILED
frame = rendering.Frame(prefix="", user="ann", stage="dev", now=datetime(2026, 3, 1, tzinfo=UTC))
nothing = CauseReport(first=date(2026, 3, 1), last=date(2026, 3, 1), lines=(), missing=())
print(cases.draw(cases.CaseListing(cases=(), closed=False), frame))
print(causes.draw(causes.Sheet(week=nothing, before=nothing, fixes=()), frame))
print(sign_in.sign_in(prefix="", stage="dev"), acknowledge.gone(), sign_in.come_again())
for name in sys.argv[2:]:
    rendering._environment().get_template(name)
"""


def test_the_console_of_a_package_compiles_no_template(shipped: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(shipped) as content:
        content.extractall(tmp_path, [name for name in content.namelist() if name.startswith("chalicelib/")])
    templates = [str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html")]
    command = [sys.executable, "-c", SERVE, str(tmp_path), *templates]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "Enjoy the quiet" in ended.stdout
    assert len(templates) > 10


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_templates_compile_to_the_same_code_every_time(shipped: Path, tmp_path: Path, seed: str) -> None:
    """Else a package would seem to have changed whenever it is made, and every `earshot deploy` would deploy."""
    copy = shutil.copytree(TEMPLATES, tmp_path / "templates")
    code = (
        "import sys, pathlib; from infra.deploy import packaging as p; p._compile_templates(pathlib.Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    subprocess.run([sys.executable, "-c", code, str(copy.parent)], cwd=ROOT, env=environment, check=True)
    made = {path.name: path.read_bytes() for path in (tmp_path / "compiled").glob("*.py")}
    with zipfile.ZipFile(shipped) as content:
        inside = [name for name in content.namelist() if re.match(r"chalicelib/console/compiled/\w+\.py$", name)]
        assert made == {Path(name).name: content.read(name) for name in inside}
    assert made


@pytest.mark.parametrize("top", ["boto3", "botocore", "numpy", "earshot_encoder", "infra", "tests", "bin"])
def test_what_the_runtime_or_nobody_needs_stays_out(shipped: Path, top: str) -> None:
    assert not [name for name in names(shipped) if name.startswith(f"{top}/")]


def test_the_zones_ship_with_the_functions(shipped: Path) -> None:
    assert {"tzdata/zones", "tzdata/zoneinfo/Europe/__init__.py", "tzdata/zoneinfo/Europe/London"} <= names(shipped)


def test_the_code_is_as_small_as_was_asked(shipped: Path) -> None:
    assert shipped.stat().st_size / MIB < MOST_CODE_MB


def test_the_checkout_is_left_as_it_was(shipped: Path) -> None:
    trusted = [p for p in (ROOT / "chalicelib").rglob("*.pyc") if p.read_bytes()[4:8] == b"\x01\0\0\0"]
    assert trusted == []


def test_a_library_for_keys_ships_where_a_platform_needs_one_and_only_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one.name for one in packaging.lists()] == ["requirements.txt"]
    manifest = replace(connectors.manifest("x"), public_keys=True)
    monkeypatch.setattr(connectors, "manifest", lambda _: manifest)
    assert [one.name for one in packaging.lists()] == ["requirements.txt", "requirements-signing.txt"]


def test_a_zip_without_a_required_package_is_refused(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# why\nSome_Package==1.0\nother.one==2  # why\n")
    half = make_zip(tmp_path / "half.zip", {"some_package-1.0.dist-info/METADATA": ""})
    with pytest.raises(Problem, match="other-one"):
        packaging.check(half, requirements)


def test_a_complete_zip_is_accepted_however_names_are_spelt(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("Some_Package==1.0\n")
    packaging.check(make_zip(tmp_path / "a.zip", {"some.package-1.0.dist-info/METADATA": ""}), requirements)


def test_a_package_that_another_python_needs_is_not_missed(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        "one==1.0 ; python_version < '3' \\\n    --hash=sha256:00\n"
        "one==2.0 ; python_version >= '3' \\\n    --hash=sha256:00\n"
        "windows==1 ; sys_platform == 'win32'\n"
    )
    packaging.check(make_zip(tmp_path / "a.zip", {"one-2.0.dist-info/METADATA": ""}), requirements)
    with pytest.raises(Problem, match=r"lacks one\."):
        packaging.check(make_zip(tmp_path / "b.zip", {"two-2.0.dist-info/METADATA": ""}), requirements)


@pytest.mark.parametrize("file", ["a/__pycache__/b.cpython-{}.pyc", "a/b.cpython-{}-x86_64-linux-gnu.so"])
def test_a_zip_with_parts_of_another_python_is_refused(tmp_path: Path, file: str) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("")
    mine, other = f"{sys.version_info.major}{sys.version_info.minor}", "310"
    packaging.check(make_zip(tmp_path / "mine.zip", {file.format(mine): ""}), requirements)
    with pytest.raises(Problem, match=f"is for {runtime.NAME}, and a/"):
        packaging.check(make_zip(tmp_path / "other.zip", {file.format(other): ""}), requirements)


def test_the_fingerprint_is_of_the_sources(tmp_path: Path) -> None:
    one = make_zip(tmp_path / "1.zip", {"a.py": "1", "a.pyc": "x"})
    same = make_zip(tmp_path / "2.zip", {"a.pyc": "y", "a.py": "1"})
    other = make_zip(tmp_path / "3.zip", {"a.py": "2", "a.pyc": "x"})
    assert packaging.fingerprint(one) == packaging.fingerprint(same) != packaging.fingerprint(other)


def test_a_package_without_a_fitting_wheel_is_refused(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    tag = f"cp{sys.version_info.major}{sys.version_info.minor}"
    too_new = f"manylinux_2_{runtime.NEWEST_GLIBC_MINOR + 1}_x86_64"
    requirements.write_text(f"./no-such-wheel-1.0-{tag}-{tag}-{too_new}.whl\n")
    with pytest.raises(Problem, match="no wheel that fits"):
        packaging.packages([requirements], "prod", tmp_path / "builds")


def test_an_incomplete_chalice_run_is_refused_although_it_ends_with_0(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaging.sys, "executable", str(_fake_python(tmp_path)))
    with pytest.raises(Problem, match="Could not install dependencies"):
        packaging.chalice(tmp_path, "package", environment={})


def _fake_python(folder: Path) -> Path:
    script = folder / "python"
    script.write_text("#!/bin/sh\necho 'Could not install dependencies: numpy'\n")
    script.chmod(0o755)
    return script
