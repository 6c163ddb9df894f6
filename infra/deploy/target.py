"""One stage, wherever it runs: the local AWS or an account."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.config import APP, LOCAL, Settings
from infra.deploy import stacks
from infra.emulator import ministack
from infra.paths import CHALICE, LOCAL_HOME
from infra.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResources:
    """What the resources stack wrote for the functions. `queues` maps "inbound", "inbound-dead", ... to URLs."""

    bucket: str
    alerts_topic_arn: str
    table: str
    queues: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Target:
    """
    A stage and the way to its AWS.

    `endpoint` is the local AWS's URL, None for a real account, where the
    ordinary chain of boto3 finds credentials and region.
    """

    stage: str
    endpoint: str | None = None
    chalice: Path = field(default=CHALICE)

    @property
    def settings(self) -> Settings:
        return Settings(stage=self.stage)

    @property
    def resources_stack(self) -> str:
        return f"{APP}-{self.stage}-resources"

    @property
    def functions_stack(self) -> str:
        return f"{APP}-{self.stage}-functions"

    @property
    def deployed_file(self) -> Path:
        """Chalice's memory of what it deployed: without it, it would make a second API."""
        return self.chalice / "deployed" / f"{self.stage}.json"

    @cached_property
    def session(self) -> boto3.Session:
        """Raises Problem when a real account is meant and no region is set."""
        if self.endpoint:
            return _local_session()
        session = boto3.Session()
        if not session.region_name:
            raise Problem("No AWS region is set.", "export AWS_DEFAULT_REGION, for example eu-central-1")
        return session

    def client(self, service: str) -> Any:
        config = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=5)
        return self.session.client(service, endpoint_url=self.endpoint, config=config)

    @property
    def region(self) -> str:
        return str(self.session.region_name)

    def environment(self) -> dict[str, str]:
        """What a child process (Chalice) needs on top of ours to reach the same AWS."""
        if not self.endpoint:
            return {"AWS_DEFAULT_REGION": self.region}
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": ministack.REGION,
            "AWS_REGION": ministack.REGION,
            "AWS_ACCESS_KEY_ID": ministack.ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": ministack.SECRET_KEY,
        }

    def resources(self) -> StageResources:
        """Raises Problem when the stage has no resources stack."""
        text = self.parameter(self.settings.resources_parameter)
        if text is None:
            raise Problem(f"Stage {self.stage} has no resources stack.", self.how_to_deploy)
        return StageResources(**json.loads(text))

    def parameter(self, name: str) -> str | None:
        """A parameter's value, decrypted; None when there is none."""
        ssm = self.client("ssm")
        try:
            return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
        except ssm.exceptions.ParameterNotFound:
            return None

    @property
    def how_to_deploy(self) -> str:
        return "`earshot up`" if self.stage == LOCAL else f"`earshot deploy --stage {self.stage}`"

    def api_url(self) -> str:
        """The API's base, without a slash at the end. Raises Problem when the functions are not deployed."""
        outputs = stacks.outputs(self.client("cloudformation"), self.functions_stack)
        url = outputs.get("EndpointURL") or _deployed_url(self._deployed())
        if not url:
            raise Problem(f"Stage {self.stage} has no functions.", self.how_to_deploy)
        if self.endpoint:  # the template and Chalice both compose the address of the real service
            return f"{self.endpoint}/_aws/execute-api/{self.api_id()}/{self.stage}"
        return url.rstrip("/")

    def api_id(self) -> str:
        """Raises Problem when the functions are not deployed."""
        outputs = stacks.outputs(self.client("cloudformation"), self.functions_stack)
        api_id = outputs.get("RestAPIId") or _deployed_api_id(self._deployed())
        if not api_id:
            raise Problem(f"Stage {self.stage} has no functions.", self.how_to_deploy)
        return api_id

    def chalice_deployed(self) -> bool:
        """Whether `chalice deploy` made the functions, as far as this machine or the bucket remembers."""
        return bool(self._deployed().get("resources"))

    def _deployed(self) -> Mapping[str, Any]:
        text = self.deployed_file.read_text() if self.deployed_file.is_file() else self._deployed_copy()
        deployed: Mapping[str, Any] = json.loads(text or "{}")
        return deployed

    def _deployed_copy(self) -> str | None:
        try:
            body = self.client("s3").get_object(Bucket=self.resources().bucket, Key=self.deployed_key)["Body"]
        except (ClientError, BotoCoreError, Problem):
            return None
        return str(body.read().decode())

    @property
    def deployed_key(self) -> str:
        return f"deploy/{self.stage}.json"


def for_stage(stage: str, home: Path = LOCAL_HOME) -> Target:
    """The stage an operator named. Raises Problem when the local AWS is meant and not running."""
    if stage != LOCAL:
        return Target(stage=stage)
    running = ministack.running(home)
    if running is None:
        raise Problem("The local AWS is not running.", "`earshot up`, or name another stage with --stage")
    return Target(stage=stage, endpoint=running.endpoint)


def _local_session() -> boto3.Session:
    # AWS_PROFILE in the caller's shell may name a profile that does not exist here; the local AWS needs none.
    bare = botocore.session.Session(session_vars={"profile": (None, [], None, None)})
    return boto3.Session(
        botocore_session=bare,
        region_name=ministack.REGION,
        aws_access_key_id=ministack.ACCESS_KEY,
        aws_secret_access_key=ministack.SECRET_KEY,
    )


def _rest_api(deployed: Mapping[str, Any]) -> Mapping[str, Any]:
    return next((r for r in deployed.get("resources", ()) if r.get("resource_type") == "rest_api"), {})


def _deployed_url(deployed: Mapping[str, Any]) -> str | None:
    return _rest_api(deployed).get("rest_api_url")


def _deployed_api_id(deployed: Mapping[str, Any]) -> str | None:
    return _rest_api(deployed).get("rest_api_id")
