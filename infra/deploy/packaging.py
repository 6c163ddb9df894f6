"""
Make what ships: a Chalice project whose packages are resolved once and whose bytecode is compiled.

Chalice resolves packages anew at every code change, goes on without one that
does not fit the Lambda, and never ships bytecode for them (200 ms and more of
every cold start). All three end here: pip fills a folder once for each
`requirements.txt`, refusing what does not fit, and Chalice gets it as its
`vendor` folder, which it copies as it is. Bare `chalice deploy` in the checkout
still works; it is only slower to start.
"""

import compileall
import hashlib
import json
import os
import platform
import py_compile
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from chalicelib import connectors
from chalicelib.config import APP, LOCAL
from infra import pip_install
from infra.deploy import runtime
from infra.paths import LOCAL_HOME, ROOT
from infra.problem import Problem

BUILDS = LOCAL_HOME / "build"
RUNTIME_ROOT = "/var/task"  # where the code lies in a Lambda: what tracebacks show
OLDEST_GLIBC_MINOR = 5
LEGACY_TAGS = ("manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64")
# Nothing here imports these, and together they are an eighth of the zip. A function that lacks one fails in the tests.
UNUSED = (
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/data_classes",
    "aws_lambda_powertools/utilities/idempotency",
    "aws_lambda_powertools/utilities/parser",
    "bin",
)
INCOMPLETE = "Could not install dependencies"
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What `chalice package` made. `fingerprint` is of the content, not of the zip's time stamps."""

    zip_file: Path
    template: dict[str, Any]
    fingerprint: str


def project(stage: str, *, source: Path = ROOT, build: Path | None = None, say: Callable[[str], None] = print) -> Path:
    """A copy of the project for one stage, ready for Chalice. Raises Problem when a package does not fit."""
    build = build or BUILDS / stage
    for name in ("app.py", "chalicelib", ".chalice/config.json", ".chalice/policies"):
        _copy(source / name, build / name)
    _compile_templates(build / "chalicelib" / "console")
    _compile(build / "chalicelib")
    # Empty on purpose: what it would name is in `vendor` already.
    (build / "requirements.txt").write_text("")
    _link(build / "vendor", packages(lists(source), stage, say=say))
    return build


def lists(source: Path = ROOT) -> tuple[Path, ...]:
    """The lists of what ships: public-key cryptography only where a platform needs it, since it weighs 5 MB."""
    with_keys = any(connectors.manifest(name).public_keys for name in connectors.names())
    return (source / "requirements.txt", *([source / "requirements-signing.txt"] if with_keys else []))


def package(
    stage: str, *, source: Path = ROOT, build: Path | None = None, say: Callable[[str], None] = print
) -> Package:
    """Run `chalice package` and check the result. Raises Problem."""
    build = project(stage, source=source, build=build, say=say)
    _forget_old_zips(build)
    chalice(build, "package", "--stage", stage, "out", environment={"AWS_DEFAULT_REGION": "us-east-1"})
    zip_file = build / "out" / "deployment.zip"
    for requirements in lists(source):
        check(zip_file, requirements)
    say(f"Package: {sizes(zip_file)}")
    template = json.loads((build / "out" / "sam.json").read_text())
    return Package(zip_file=zip_file, template=template, fingerprint=fingerprint(zip_file))


def chalice(
    project_dir: Path, *arguments: str, environment: Mapping[str, str], say: Callable[[str], None] | None = None
) -> str:
    """Run the real Chalice; each line goes to `say` as it comes. Raises Problem, also for an incomplete package."""
    command = [sys.executable, "-c", "from chalice.cli import main; raise SystemExit(main())", *arguments]
    lines = []
    with subprocess.Popen(
        command,
        cwd=project_dir,
        env={**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            if say:
                say(line.rstrip())
    output = "".join(lines)
    if process.returncode != 0 or INCOMPLETE in output:
        raise Problem(f"chalice {arguments[0]} failed:\n{output[-3000:]}", "mend what it names, then run again")
    return output


# --- packages --------------------------------------------------------------------------------------------------------


def packages(
    requirements: Sequence[Path], stage: str, builds: Path = BUILDS, *, say: Callable[[str], None] = print
) -> Path:
    """The folder with every package of these lists and its bytecode, made once for each content. Raises Problem."""
    tags = platform_tags(stage)
    content = b"".join(one.read_bytes() for one in requirements)
    key = hashlib.sha256(content + repr((tags, UNUSED, sys.version)).encode()).hexdigest()[:16]
    folder = builds / f"packages-{key}"
    if folder.is_dir():
        return folder
    builds.mkdir(parents=True, exist_ok=True)
    with pip_install.one_at_a_time(builds):
        if not folder.is_dir():  # nor did another command make it meanwhile
            _make_packages(requirements, folder, tags, say)
    return folder


def _make_packages(
    requirements: Sequence[Path], folder: Path, tags: tuple[str, ...], say: Callable[[str], None]
) -> None:
    lists_in_words = " and ".join(f"{one.parent.name}/{one.name}" for one in requirements)
    say(f"Fetching the packages of {lists_in_words} for {runtime.NAME} (once) ...")
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        fresh = Path(scratch) / "packages"
        _pip_install(requirements, fresh, tags, say)
        for part in UNUSED:
            shutil.rmtree(fresh / part, ignore_errors=True)
        say("  compiling them ...")
        _compile(fresh, "")
        fresh.rename(folder)


def platform_tags(stage: str) -> tuple[str, ...]:
    """Which wheels fit; none named means those of this machine, which the local AWS runs on."""
    if stage == LOCAL and (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return ()
    minors = range(runtime.NEWEST_GLIBC_MINOR, OLDEST_GLIBC_MINOR - 1, -1)
    return (*(f"manylinux_2_{minor}_x86_64" for minor in minors), *LEGACY_TAGS)


def _pip_install(requirements: Sequence[Path], folder: Path, tags: tuple[str, ...], say: Callable[[str], None]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile"]
    command += ["--only-binary=:all:", "--no-deps", "--target", str(folder)]
    command += [f"--requirement={one}" for one in requirements]
    command += [f"--platform={tag}" for tag in tags]
    try:
        pip_install.install(command, packages=sum(1 for one in requirements for _ in required(one)), say=say)
    except pip_install.IndexUnreachable as error:
        raise Problem(str(error), error.next_step) from None
    except pip_install.InstallFailed as error:
        raise Problem(
            f"A package of {' or '.join(one.name for one in requirements)} has no wheel that fits the Lambda. {error}",
            f"pin a release with a wheel for {runtime.NAME} and glibc 2.{runtime.NEWEST_GLIBC_MINOR} or older",
        ) from None


def _compile_templates(console: Path) -> None:
    """
    Make the console's templates into Python modules, where `chalicelib.console.rendering` looks for them.

    The templates themselves do not ship: a cold start has nothing to compile,
    and no template that was forgotten here can work by accident.
    """
    from jinja2 import FileSystemLoader  # every command loads this file, and few make a package

    from chalicelib.console import rendering

    templates = console / rendering.TEMPLATES.name
    made = rendering.environment(FileSystemLoader(templates))
    made.compile_templates(console / rendering.COMPILED.name, zip=None, ignore_errors=False)
    shutil.rmtree(templates)


def _compile(folder: Path, inside: str | None = None) -> None:
    """
    Write bytecode that is trusted without a look at the source.

    Lambda unpacks the zip with other time stamps, so ordinary bytecode would be thrown away.
    """
    where = folder.name if inside is None else inside
    done = compileall.compile_dir(
        folder,
        stripdir=folder,
        prependdir=f"{RUNTIME_ROOT}/{where}",
        quiet=1,
        force=True,
        workers=0,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done:
        raise Problem(f"Not everything in {folder} compiles.", "read the lines above")


# --- the zip ---------------------------------------------------------------------------------------------------------


def check(zip_file: Path, requirements: Path) -> None:
    """
    Refuse a zip that lacks a package, or holds what another Python was needed for.

    Chalice makes one and ends with 0. Raises Problem.
    """
    with zipfile.ZipFile(zip_file) as content:
        names = content.namelist()
    shipped = {normal(name.split("-")[0]) for name in names if name.endswith(".dist-info/METADATA")}
    next_step = f"delete {BUILDS} and look at what pip says"
    if missing := sorted(set(required(requirements)) - shipped):
        raise Problem(f"The package lacks {', '.join(missing)}.", next_step)
    if foreign := sorted(name for name in names if runtime.is_of_another(name)):
        raise Problem(f"The package is for {runtime.NAME}, and {foreign[0]} is not.", next_step)


def required(requirements: Path) -> Iterator[str]:
    """The names of a list that count on this Python."""
    for line in requirements.read_text().splitlines():
        row = line.partition(" #")[0].partition(" --hash=")[0].rstrip("\\ ")
        if re.match(r"[A-Za-z0-9]", row):
            requirement = Requirement(row)
            if requirement.marker is None or requirement.marker.evaluate():
                yield normal(requirement.name)


def normal(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def fingerprint(zip_file: Path) -> str:
    """
    Of what it holds, and of the Python it is for.

    Bytecode is left out: it follows from both, but not byte for byte.
    """
    with zipfile.ZipFile(zip_file) as content:
        sources = [entry for entry in content.infolist() if not entry.filename.endswith(".pyc")]
    entries = sorted((entry.filename, entry.CRC, entry.file_size) for entry in sources)
    return hashlib.sha256(json.dumps([runtime.NAME, entries]).encode()).hexdigest()[:32]


def sizes(zip_file: Path) -> str:
    with zipfile.ZipFile(zip_file) as content:
        entries = content.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    return f"{zip_file.stat().st_size / MIB:.1f} MB zipped, {unpacked / MIB:.1f} MB unpacked, {len(entries)} files"


# --- the template ----------------------------------------------------------------------------------------------------


def stack_template(
    made: Package, stage: str, *, bucket: str, key: str, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """
    Chalice's template with the code's place and the names that `chalice deploy` would give.

    Chalice lets CloudFormation invent the functions' names; alarms and people need the fixed ones.
    """
    template: dict[str, Any] = json.loads(json.dumps(made.template))
    functions = functions_of(template)
    for logical_id, resource in functions.items():
        properties = resource["Properties"]
        properties["FunctionName"] = function_name(logical_id, properties, stage)
        properties["CodeUri"] = f"s3://{bucket}/{key}"
        properties.setdefault("Environment", {}).setdefault("Variables", {}).update(environment or {})
    _name_log_groups(template, functions)
    return template


def functions_of(template: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {k: r for k, r in template["Resources"].items() if r["Type"] == "AWS::Serverless::Function"}


def function_name(logical_id: str, properties: Mapping[str, Any], stage: str) -> str:
    """As `chalice deploy` names it: the handler's last part, and the bare application for the API."""
    if logical_id == "APIHandler":
        return f"{APP}-{stage}"
    return f"{APP}-{stage}-{properties['Handler'].rpartition('.')[2]}"


def _name_log_groups(template: dict[str, Any], functions: Mapping[str, dict[str, Any]]) -> None:
    # Chalice names the API's log group after a function id that it then renames.
    by_lower = {logical_id.lower(): r["Properties"]["FunctionName"] for logical_id, r in functions.items()}
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Logs::LogGroup":
            reference = resource["Properties"]["LogGroupName"]["Fn::Sub"]
            logical_id = reference.removeprefix("/aws/lambda/${").removesuffix("}")
            resource["Properties"]["LogGroupName"] = f"/aws/lambda/{by_lower[logical_id.lower()]}"


# --- files -----------------------------------------------------------------------------------------------------------


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        shutil.copyfile(source, target)
        return
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))


def _link(link: Path, folder: Path) -> None:
    link.unlink(missing_ok=True)
    link.symlink_to(folder.resolve(), target_is_directory=True)


def _forget_old_zips(build: Path) -> None:
    """Chalice keeps one zip for each content it ever saw, and would reuse a broken one."""
    for name in (".chalice/deployments", "out"):
        shutil.rmtree(build / name, ignore_errors=True)
