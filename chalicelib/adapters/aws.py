"""AWS clients, made once a process and only when needed: a client costs as much time as everything else together."""

from functools import cache
from typing import Any

import botocore
import botocore.session
from botocore.config import Config

# Said once: botocore would make a text of its version, the platform and the features in use anew for every call, which
# is a third of what a call costs us.
AGENT = f"earshot Botocore/{botocore.__version__}"
_CONFIG = Config(user_agent=AGENT, connect_timeout=2, read_timeout=10, retries={"mode": "standard", "max_attempts": 3})


@cache
def _session() -> Any:
    return botocore.session.get_session()  # boto3's own session adds 30 to 40 ms and nothing we use


@cache
def client(service: str) -> Any:
    """A low-level client, as boto3 makes it; region, endpoint and credentials come from the environment."""
    return _session().create_client(service, config=_CONFIG)


@cache
def quick_client(service: str, region: str | None, limit_s: float) -> Any:
    """A client for what is not worth waiting for: one try, given up after `limit_s`; `region` replaces our own."""
    config = Config(
        user_agent=AGENT,
        connect_timeout=min(1.0, limit_s),
        read_timeout=limit_s,
        retries={"total_max_attempts": 1, "mode": "standard"},
    )
    return _session().create_client(service, region_name=region, config=config)
