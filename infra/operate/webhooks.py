"""Post a webhook as its platform would."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib import connectors
from chalicelib.ports.connector.receiving import InboundRequest, WebhookSecrets
from infra.deploy.target import Target
from infra.problem import Problem

TIMEOUT_S = 30
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostResult:
    status: int
    body: str


def url(target: Target, channel: str) -> str:
    """Where the platform posts to. `channel` is "<platform>.<name>". Raises Problem."""
    platform, _, name = channel.partition(".")
    return f"{target.api_url()}/webhooks/{platform}/{name}"


def send(address: str, platform: str, body: bytes, secret: str) -> PostResult:
    """Sign `body` with `secret` and post it. Raises Problem when nothing answers."""
    request = signed(platform, body, secret, address)
    return post(request.url, body, request.headers)


def signed(platform: str, body: bytes, secret: str, address: str = "") -> InboundRequest:
    """The delivery as the platform would send it now."""
    [content_type, *_] = sorted(connectors.webhook_facts(platform).content_types)
    request = InboundRequest(
        platform=platform,
        channel=f"{platform}.{address.rpartition('/')[2]}",
        method="POST",
        url=address,
        headers={"content-type": content_type},
        query={},
        body=body,
        received_at=datetime.now(UTC),
        request_id="sent",
    )
    return connectors.webhook(platform).sign(request, WebhookSecrets(secrets=(secret,)))


def post(address: str, body: bytes, headers: Mapping[str, str]) -> PostResult:
    """Post bytes as they are, signed or not. Raises Problem when nothing answers."""
    request = urllib.request.Request(address, data=body, headers={"content-type": JSON, **headers}, method="POST")  # noqa: S310 - our own API
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            return PostResult(status=answer.status, body=answer.read().decode(errors="replace"))
    except urllib.error.HTTPError as error:
        return PostResult(status=error.code, body=error.read().decode(errors="replace"))
    except (urllib.error.URLError, OSError) as error:
        raise Problem(f"Nothing answers at {address}: {error}", "ask the doctor of that stage what is wrong") from error
