"""
The Lambda layer of the better classifier: numpy and the encoder's weights.

Only the casework functions get it, so that neither webhook nor triage pays
for it. Chalice cannot make such a layer, hence it is made and attached by
`earshot deploy`; after a bare `chalice deploy` the tiny tier judges alone.
"""

import compileall
import hashlib
import json
import py_compile
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from chalicelib.config import APP
from infra.deploy import packaging, runtime
from infra.deploy.packaging import BUILDS
from infra.paths import INFRA

REQUIREMENTS: Final = INFRA / "layer" / "requirements.txt"
WEIGHTS: Final = INFRA / "layer" / "earshot_encoder"
FUNCTIONS: Final = ("casework", "casework_urgent")
ROOT_IN_LAMBDA: Final = "/opt/python"
# What numpy brings for its own tests, for Fortran and for compilers.
_UNUSED: Final = ("**/tests", "**/*.pyi", "**/*.pxd", "**/*.h", "numpy/f2py", "numpy/distutils", "numpy/_core/lib")
_MOMENT: Final = (2020, 1, 1, 0, 0, 0)  # equal content makes an equal zip


def name(stage: str) -> str:
    """As functions of one account find it."""
    return f"{APP}-{stage}-encoder"


def build(stage: str, builds: Path = BUILDS, *, say: Callable[[str], None] = print) -> Path:
    """The zip; made once for each content, whose fingerprint is in its name. Raises Problem."""
    packages = packaging.packages([REQUIREMENTS], stage, builds, say=say)
    file = builds / f"layer-{fingerprint(packages)}.zip"
    if file.is_file():
        return file
    say("Making the layer of the better classifier (once) ...")
    with tempfile.TemporaryDirectory(dir=builds) as scratch:
        python = Path(scratch) / "python"
        shutil.copytree(packages, python)
        _trim(python)
        shutil.copytree(WEIGHTS, python / WEIGHTS.name, ignore=shutil.ignore_patterns("__pycache__"))
        _compile(python)
        half = Path(scratch) / "layer.zip"
        _zip(python, half)
        half.rename(file)
    return file


def fingerprint(packages: Path) -> str:
    """Of the weights, of the packages, whose folder's name is theirs, and of what is left out of them."""
    found = hashlib.sha256(repr((packages.name, _UNUSED)).encode())
    for file in sorted(WEIGHTS.iterdir()):
        if file.is_file():
            found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()[:16]


def into_template(template: dict[str, Any], stage: str, *, bucket: str, key: str) -> None:
    """Add the layer to a stack of functions, and attach it to those that judge with it."""
    template["Resources"]["EncoderLayer"] = {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {
            "LayerName": name(stage),
            "CompatibleRuntimes": [runtime.NAME],
            "Content": {"S3Bucket": bucket, "S3Key": key},
        },
    }
    for resource in packaging.functions_of(template).values():
        if resource["Properties"]["Handler"].rpartition(".")[2] in FUNCTIONS:
            resource["Properties"]["Layers"] = [{"Ref": "EncoderLayer"}]


def into_config(config_file: Path, arn: str) -> None:
    """Tell Chalice, in its copy of the project, which functions get it."""
    config = json.loads(config_file.read_text())
    for function in FUNCTIONS:
        config["lambda_functions"][function]["layers"] = [arn]
    config_file.write_text(json.dumps(config, indent=2))


def publish(client: Any, stage: str, zip_file: Path, *, bucket: str, key: str) -> str:
    """The ARN of the version with this content: the newest, if it is that, else a new one."""
    versions = client.list_layer_versions(LayerName=name(stage)).get("LayerVersions", [])
    for version in versions[:1]:
        if version.get("Description") == zip_file.stem:
            return str(version["LayerVersionArn"])
    made = client.publish_layer_version(
        LayerName=name(stage),
        Description=zip_file.stem,
        Content={"S3Bucket": bucket, "S3Key": key},
        CompatibleRuntimes=[runtime.NAME],
    )
    return str(made["LayerVersionArn"])


def forget(client: Any, stage: str, *, but: str | None = None) -> None:
    """Delete versions; functions that run on one keep it until they are updated."""
    for version in client.list_layer_versions(LayerName=name(stage)).get("LayerVersions", []):
        if version["LayerVersionArn"] != but:
            client.delete_layer_version(LayerName=name(stage), VersionNumber=version["Version"])


def _trim(python: Path) -> None:
    for pattern in _UNUSED:
        for found in list(python.glob(pattern)):
            shutil.rmtree(found) if found.is_dir() else found.unlink()


def _compile(python: Path) -> None:
    """Bytecode that is trusted without a look at the source, as in the functions' own package."""
    shutil.rmtree(python / "__pycache__", ignore_errors=True)
    compileall.compile_dir(
        python,
        stripdir=python,
        prependdir=ROOT_IN_LAMBDA,
        quiet=2,
        force=True,
        workers=0,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _zip(python: Path, file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as content:
        for path in sorted(found for found in python.rglob("*") if found.is_file()):
            entry = zipfile.ZipInfo(f"python/{path.relative_to(python)}", _MOMENT)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            content.writestr(entry, path.read_bytes())
