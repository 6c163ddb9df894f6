"""
`chalice deploy` itself, as an engineer types it, against the local AWS.

A second machine knows nothing of the first but what the stage's bucket holds,
and must not make a second API: platforms know the first one's URL.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import botocore
import pytest

from infra.deploy import encoder_layer, rollout, stacks, teardown
from infra.deploy.target import Target
from infra.paths import ROOT
from tests.localaws import get, local_aws

pytestmark = pytest.mark.local_aws
STAGE = "dev"
SHIPPED = ("app.py", "chalicelib", ".chalice", "requirements.txt")


class Machine:
    """A checkout of its own, deploying to an AWS that others deploy to as well."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.source = folder / "checkout"
        self.build = folder / "build"
        self.source.mkdir(parents=True)
        for name in SHIPPED:
            copy(ROOT / name, self.source / name)
        self.target = Target(stage=STAGE, endpoint=endpoint, chalice=self.source / ".chalice")

    def deploy(self) -> str:
        """The API's URL after a deployment."""
        rollout.deploy_with_chalice(self.target, source=self.source, build=self.build, say=lambda _line: None)
        rollout.check(self.target, say=lambda _line: None)
        return self.target.api_url()


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "deployed", "deployments"))
    else:
        shutil.copyfile(source, target)


@pytest.fixture(autouse=True)
def impatient_waiters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chalice waits for functions with boto3's waiters, which look again after 5 s: the local AWS needs none of it."""
    source = next((Path(botocore.__file__).parent / "data" / "lambda").glob("*/waiters-2.json"))
    waiters = json.loads(source.read_text())
    for waiter in waiters["waiters"].values():
        waiter["delay"] = 0.1
    target = tmp_path / "boto" / "lambda" / source.parent.name / source.name
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(waiters))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path / "boto"))


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    # Without IAM: on stage dev, queues and bucket refuse plain HTTP, which is all that the local AWS speaks.
    with local_aws(tmp_path / "aws", auth=False) as address:
        yield address


def linked_by_pages(target: Target) -> str:
    """Where the deployed sweep says that people open cases."""
    sweep = target.client("lambda").get_function_configuration(FunctionName=f"earshot-{target.stage}-sla_watch")
    return str(sweep["Environment"]["Variables"]["EARSHOT_URL"])


def layers(target: Target) -> dict[str, int]:
    """How many layers each function has, where it has any, and how many versions of layers there are."""
    client = target.client("lambda")
    attached = {each["FunctionName"]: len(each.get("Layers", ())) for each in client.list_functions()["Functions"]}
    versions = client.list_layer_versions(LayerName=encoder_layer.name(target.stage))["LayerVersions"]
    return {name: number for name, number in attached.items() if number} | {"versions": len(versions)}


def test_a_second_machine_keeps_the_url_and_a_stage_leaves_nothing_behind(tmp_path: Path, endpoint: str) -> None:
    first = Machine(tmp_path / "first", endpoint)
    rollout.deploy_resources(first.target, say=lambda _line: None)
    url = first.deploy()
    assert get(f"{url}/health")[0] == 200

    second = Machine(tmp_path / "second", endpoint)
    assert second.deploy() == url
    assert get(f"{url}/health")[0] == 200
    assert get(f"{url}/nothing")[0] == 404  # said anew after each deployment, which forgets it
    assert linked_by_pages(second.target) == url
    assert layers(second.target) == {"earshot-dev-casework": 1, "earshot-dev-casework_urgent": 1, "versions": 1}

    teardown.destroy(second.target, build=second.build, source=second.source, say=lambda _line: None)
    assert second.target.client("lambda").list_functions()["Functions"] == []
    assert layers(second.target) == {"versions": 0}
    assert second.target.client("dynamodb").list_tables()["TableNames"] == []
    assert stacks.status_of(second.target.client("cloudformation"), second.target.resources_stack) is None
