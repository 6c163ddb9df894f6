"""Post a webhook as its platform would."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib import connectors
from infra.deploy.target import Target
from infra.problem import Problem

TIMEOUT_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: str


def url(target: Target, channel: str) -> str:
    """Where the platform posts to. `channel` is "<platform>.<name>". Raises Problem."""
    platform, _, name = channel.partition(".")
    return f"{target.api_url()}/webhooks/{platform}/{name}"


def send(address: str, platform: str, body: bytes, secret: str) -> Answer:
    """Sign `body` with `secret` and post it. Raises Problem when nothing answers."""
    return post(address, body, connectors.webhook(platform).sign(body, secret))


def post(address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Post bytes as they are, signed or not. Raises Problem when nothing answers."""
    sent = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(address, data=body, headers=sent, method="POST")  # noqa: S310 - our own API
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return Answer(status=answer.status, body=answer.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        return Answer(status=error.code, body=error.read().decode(errors="replace"))
    except (urllib.error.URLError, OSError) as error:
        raise Problem(f"Nothing answers at {address}: {error}", "ask the doctor of that stage what is wrong") from error
