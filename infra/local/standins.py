"""
The stand-in platforms of the local stage: what is answered there goes out to them, and can be looked at.

They are one process that lives as long as the local AWS, and end with it by themselves.
"""

import json
import secrets
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from infra.deploy.target import Target
from infra.emulator import ministack
from infra.operate import channels
from infra.paths import LOCAL_HOME, ROOT
from infra.problem import Problem
from infra.standins.base import Standin
from infra.standins.facebook import FacebookStandin
from infra.standins.x import XStandin

# The brand of the payloads below tests/fixtures. Its keys open nothing anywhere.
ACCOUNTS: Final = MappingProxyType({"x.main": "880011223344550001", "facebook.main": "700100200300"})
KEYS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "x.main": {name: f"local-{name}" for name in ("consumer_key", "consumer_secret", "token", "token_secret")},
        "facebook.main": {name: f"local-{name}" for name in ("page_token", "app_secret")},
    }
)
START_S = 15.0
LOOK_EVERY_S = 0.5


def start(home: Path = LOCAL_HOME) -> Mapping[str, str]:
    """Where the stand-in of each channel listens; they are started unless they run. Raises Problem."""
    if ministack.is_locked(home / "standins"):
        return _addresses(home)
    _record(home).unlink(missing_ok=True)
    with (home / "standins.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra.local", str(home)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_S
    while not _record(home).is_file():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise Problem("The stand-in platforms did not start.", f"read {log.name}, then `earshot up`")
        time.sleep(0.05)
    return _addresses(home)


def connect(target: Target, addresses: Mapping[str, str]) -> None:
    """
    Send answers of the local stage to the stand-ins, and invent what webhooks are checked with.

    A channel with keys for a real platform is left alone.
    """
    for channel, address in addresses.items():
        channels.invent_verify(target, channel, secrets.token_hex)
        held = channels.read(target, "send", channel)
        if held and not _is_ours(held):
            continue
        keys = {**KEYS[channel], channels.API_BASE: address}
        channels.set_send(target, channel, keys, account=ACCOUNTS[channel])
        channels.know_accounts(target, channel, [ACCOUNTS[channel]])


def connected(target: Target) -> Mapping[str, str]:
    """Where the stand-in listens, for each channel whose answers go to one."""
    held = {channel: channels.read(target, "send", channel) for channel in ACCOUNTS}
    return {channel: document[channels.API_BASE] for channel, document in held.items() if _is_ours(document)}


def _is_ours(held: Mapping[str, Any]) -> bool:
    return str(held.get(channels.API_BASE, "")).startswith(f"http://{ministack.HOST}:")


def serve(home: Path) -> None:
    """Listen until the local AWS of this home has ended."""
    with ministack.locking(home / "standins"), ExitStack() as stack:
        standins = {channel: stack.enter_context(standin) for channel, standin in _all().items()}
        draft = _record(home).with_suffix(".new")
        draft.write_text(json.dumps({channel: standin.url for channel, standin in standins.items()}))
        draft.rename(_record(home))
        while ministack.is_locked(home / "running"):
            time.sleep(LOOK_EVERY_S)
        _record(home).unlink(missing_ok=True)


def _all() -> dict[str, Standin]:
    page = KEYS["facebook.main"]
    return {
        "x.main": XStandin(account_id=ACCOUNTS["x.main"], credentials=KEYS["x.main"]),
        "facebook.main": FacebookStandin(
            page_id=ACCOUNTS["facebook.main"], page_token=page["page_token"], app_secret=page["app_secret"]
        ),
    }


def _record(home: Path) -> Path:
    return home / "standins.json"


def _addresses(home: Path) -> Mapping[str, str]:
    addresses: Mapping[str, str] = json.loads(_record(home).read_text())
    return addresses
