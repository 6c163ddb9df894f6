"""The encoder's layer: all that it needs and no more, for those who judge with it and nobody else."""

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.stub import Stubber

from bench.understanding import MOST_LAYER_MB
from infra.deploy import encoder_layer, packaging
from infra.deploy.packaging import BUILDS, MIB
from infra.paths import CHALICE, ROOT

STAGE = "dev"
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
ARN = "arn:aws:lambda:us-east-1:000000000000:layer:earshot-dev-encoder"


@pytest.fixture(scope="module")
def zip_file() -> Path:
    return encoder_layer.build(STAGE)


@pytest.fixture(scope="module")
def names(zip_file: Path) -> set[str]:
    with zipfile.ZipFile(zip_file) as content:
        return set(content.namelist())


@pytest.fixture(scope="module")
def unpacked(zip_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a Lambda has it on its path."""
    folder = tmp_path_factory.mktemp("opt")
    with zipfile.ZipFile(zip_file) as content:
        content.extractall(folder)
    return folder / "python"


def fresh(program: str, *places: Path, isolated: bool = True) -> Any:
    """What a program prints as JSON in an interpreter that sees these places and, when isolated, nothing installed."""
    path = f"import sys; sys.path[:0] = {[str(place) for place in places]!r}\n"
    command = [sys.executable, "-B", *(["-I", "-S"] if isolated else []), "-c", path + program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=places[0])
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def client() -> Any:
    session = botocore.session.get_session()
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return session.create_client("lambda", region_name="us-east-1", **keys)


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_it_is_as_small_as_was_asked(zip_file: Path) -> None:
    assert zip_file.stat().st_size / MIB < MOST_LAYER_MB


def test_it_holds_numpy_and_the_weights_and_nothing_else(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} == {"python"}
    tops = {name.split("/")[1] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "numpy",
        "numpy.libs",
        encoder_layer.WEIGHTS.name,
    }
    weights = {
        f"python/{encoder_layer.WEIGHTS.name}/{file.name}" for file in encoder_layer.WEIGHTS.iterdir() if file.is_file()
    }
    assert weights <= names


@pytest.mark.parametrize("part", ["/tests/", ".pyi", "/f2py/", ".h", "/bin/"])
def test_what_only_developers_of_numpy_need_stays_out(part: str, names: set[str]) -> None:
    found = {name for name in names if (name.endswith(part) if part.startswith(".") else part in name)}
    assert found == set()


def test_every_module_has_bytecode_that_is_trusted_without_its_source(zip_file: Path, names: set[str]) -> None:
    modules = [Path(name) for name in names if name.endswith(".py")]
    compiled = {
        module: f"{module.parent}/__pycache__/{module.stem}.{sys.implementation.cache_tag}.pyc" for module in modules
    }
    assert set(compiled.values()) <= names
    with zipfile.ZipFile(zip_file) as content:
        flags = {content.read(name)[4:8] for name in compiled.values()}
    assert flags == {b"\x01\0\0\0"}  # PEP 552: hash-based, not checked


# --- it works --------------------------------------------------------------------------------------------------------


def test_numpy_imports_from_it_with_nothing_else_on_the_path(unpacked: Path) -> None:
    program = "import json, numpy as n; print(json.dumps([n.__file__, float((n.eye(3) @ n.ones(3)).sum())]))"
    file, total = fresh(program, unpacked)
    assert Path(file).is_relative_to(unpacked)
    assert total == 3.0


def test_the_encoder_loads_from_it_and_answers(unpacked: Path) -> None:
    program = """
import json
from chalicelib.classify import encoder
[labels] = encoder.load().labels([encoder.Text(text="My suitcase never arrived and nobody answers the phone.")])
print(json.dumps([labels.engine, labels.urgency.value, sys.modules["numpy"].__file__]))
"""
    engine, urgency, numpy_file = fresh(program, unpacked, ROOT)
    assert engine == "encoder-1"
    assert urgency in ("low", "normal", "high", "critical")
    assert Path(numpy_file).is_relative_to(unpacked)


def test_without_it_there_is_no_encoder_and_no_error() -> None:
    program = "import json; from chalicelib.classify import encoder; print(json.dumps(encoder.load() is None))"
    assert fresh(program, ROOT) is True


# --- it is made once for each content --------------------------------------------------------------------------------


def with_packages(folder: Path) -> Path:
    """A place for builds in which pip has nothing left to do."""
    packages = packaging.packages([encoder_layer.REQUIREMENTS], STAGE)
    (folder / packages.name).symlink_to(packages.resolve(), target_is_directory=True)
    return folder


def test_equal_content_gives_the_same_file_and_it_is_not_made_again(zip_file: Path) -> None:
    made = zip_file.stat()
    again = encoder_layer.build(STAGE)
    assert (again, again.stat().st_mtime_ns, again.stat().st_ino) == (zip_file, made.st_mtime_ns, made.st_ino)
    assert zip_file.parent == BUILDS


def test_another_machine_gives_it_the_same_name_and_the_same_sources(zip_file: Path, tmp_path: Path) -> None:
    elsewhere = encoder_layer.build(STAGE, with_packages(tmp_path))
    assert elsewhere.name == zip_file.name
    assert packaging.fingerprint(elsewhere) == packaging.fingerprint(zip_file)
    with zipfile.ZipFile(elsewhere) as one, zipfile.ZipFile(zip_file) as other:
        assert [entry.filename for entry in one.infolist()] == [entry.filename for entry in other.infolist()]
        assert {entry.date_time for entry in one.infolist()} == {(2020, 1, 1, 0, 0, 0)}


def test_other_weights_give_it_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = packaging.packages([encoder_layer.REQUIREMENTS], STAGE)
    before = encoder_layer.fingerprint(packages)
    retrained = shutil.copytree(encoder_layer.WEIGHTS, tmp_path / encoder_layer.WEIGHTS.name)
    (retrained / "about.json").write_text("{}")
    monkeypatch.setattr(encoder_layer, "WEIGHTS", retrained)
    assert encoder_layer.fingerprint(packages) != before


# --- who gets it -----------------------------------------------------------------------------------------------------


def function(handler: str) -> dict[str, Any]:
    return {"Type": "AWS::Serverless::Function", "Properties": {"Handler": f"chalicelib.entrypoints.{handler}"}}


def test_in_a_stack_only_casework_gets_it() -> None:
    handlers = ("triage.triage", "casework.casework", "casework.casework_urgent", "sla_watch.sla_watch", "api.app")
    template: dict[str, Any] = {"Resources": {handler: function(handler) for handler in handlers}}
    encoder_layer.into_template(template, STAGE, bucket="b", key="deploy/layer.zip")
    given = {name: each["Properties"].get("Layers") for name, each in packaging.functions_of(template).items()}
    reference = [{"Ref": "EncoderLayer"}]
    assert given == dict.fromkeys(handlers) | {
        "casework.casework": reference,
        "casework.casework_urgent": reference,
    }
    assert template["Resources"]["EncoderLayer"]["Properties"] == {
        "LayerName": "earshot-dev-encoder",
        "CompatibleRuntimes": [RUNTIME],
        "Content": {"S3Bucket": "b", "S3Key": "deploy/layer.zip"},
    }


def test_by_chalice_only_casework_gets_it(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    shutil.copyfile(CHALICE / "config.json", config)
    encoder_layer.into_config(config, f"{ARN}:3")
    functions = json.loads(config.read_text())["lambda_functions"]
    assert {name for name, each in functions.items() if each.get("layers") == [f"{ARN}:3"]} == set(
        encoder_layer.FUNCTIONS
    )
    assert [name for name, each in functions.items() if "layers" in each] == [*encoder_layer.FUNCTIONS]


# --- publishing and forgetting ---------------------------------------------------------------------------------------


def version(number: int, description: str = "") -> dict[str, Any]:
    return {"LayerVersionArn": f"{ARN}:{number}", "Version": number, "Description": description}


NAMED = {"LayerName": "earshot-dev-encoder"}


@pytest.mark.parametrize("before", [[], [version(1, "layer-old")], [version(2, "layer-old"), version(1, "layer-new")]])
def test_other_content_than_the_newest_is_published(before: list[dict[str, Any]]) -> None:
    functions = client()
    with Stubber(functions) as aws:
        aws.add_response("list_layer_versions", {"LayerVersions": before}, NAMED)
        asked = {
            **NAMED,
            "Description": "layer-new",
            "Content": {"S3Bucket": "bucket", "S3Key": "k"},
            "CompatibleRuntimes": [RUNTIME],
        }
        aws.add_response("publish_layer_version", version(3), asked)
        assert encoder_layer.publish(functions, STAGE, Path("layer-new.zip"), bucket="bucket", key="k") == f"{ARN}:3"
        aws.assert_no_pending_responses()


def test_what_is_there_already_is_not_published_again() -> None:
    functions = client()
    with Stubber(functions) as aws:
        there = [version(2, "layer-new"), version(1, "layer-old")]
        aws.add_response("list_layer_versions", {"LayerVersions": there}, NAMED)
        assert encoder_layer.publish(functions, STAGE, Path("layer-new.zip"), bucket="bucket", key="k") == f"{ARN}:2"


@pytest.mark.parametrize(("but", "gone"), [(None, (3, 2, 1)), (f"{ARN}:3", (2, 1)), (f"{ARN}:9", (3, 2, 1))])
def test_versions_are_forgotten_but_the_one_in_use(but: str | None, gone: tuple[int, ...]) -> None:
    functions = client()
    with Stubber(functions) as aws:
        aws.add_response("list_layer_versions", {"LayerVersions": [version(3), version(2), version(1)]}, NAMED)
        for number in gone:
            aws.add_response("delete_layer_version", {}, {**NAMED, "VersionNumber": number})
        encoder_layer.forget(functions, STAGE, but=but)
        aws.assert_no_pending_responses()
