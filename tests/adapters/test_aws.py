"""What our clients say of themselves, and that they say it without being asked anew."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.useragent import UserAgentString

from chalicelib.adapters import aws


@pytest.fixture(autouse=True)
def _an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    aws.client.cache_clear()
    aws.quick_client.cache_clear()


def agents(client: Any) -> list[str]:
    """The header of a call that goes nowhere, twice."""
    seen: list[str] = []

    def answer(request: Any, **_: object) -> Any:
        seen.append(request.headers["User-Agent"].decode())
        return SimpleNamespace(status_code=200, headers={}, content=b"{}", text="{}", raw=None)

    client.meta.events.register("before-send", answer)
    for _ in range(2):
        client.list_queues()
    return seen


@pytest.mark.parametrize("make", [lambda: aws.client("sqs"), lambda: aws.quick_client("sqs", "eu-west-1", 1.0)])
def test_our_clients_say_who_we_are_in_a_text_that_is_made_once(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def made_anew(*_: object) -> None:
        raise AssertionError("botocore puts the parts of its text together for each call")

    monkeypatch.setattr(UserAgentString, "_build_sdk_metadata", made_anew)
    assert agents(make()) == [aws.AGENT, aws.AGENT]
    assert aws.AGENT.startswith("earshot ")
