"""A flood of invented names: what it makes us ask, what it leaves behind, and what it is told."""

import ast
import gc
import json
import sys
from collections import Counter
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from types import ModuleType
from typing import Any

import pytest

from chalicelib import connectors
from infra.paths import ROOT
from tests.connectors.samples import signature
from tests.entrypoints.outside import SECRET, TOKENS, Answer, Route, World, routes, world  # noqa: F401  a fixture
from tests.entrypoints.test_edge import FORM

ROUTES = routes()
WEBHOOKS = [route for route in ROUTES if "channel" in route.gaps]
META = {"hub.mode": ["subscribe"], "hub.verify_token": ["guessed"], "hub.challenge": ["1"]}


# --- what it leaves behind -------------------------------------------------------------------------------------


def held() -> Counter[str]:
    """How many things each container holds that a module of ours can reach; a cache with a limit of its own is none."""
    found: Counter[str] = Counter()
    seen: set[int] = set()
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "chalicelib"}
    waiting = [(f"{name}.{key}", value) for name, module in modules.items() for key, value in vars(module).items()]
    while waiting:
        place, value = waiting.pop()
        if id(value) in seen or isinstance(value, ModuleType | type):
            continue
        seen.add(id(value))
        if isinstance(value, _lru_cache_wrapper):
            if value.cache_info().maxsize is None:
                found[place] += value.cache_info().currsize
                waiting += [(place, inner) for inner in gc.get_referents(value)]
        elif isinstance(value, dict | list | set | frozenset | tuple):
            found[place] += len(value)
            waiting += [(place, inner) for inner in (value.values() if isinstance(value, dict) else value)]
        elif _is_ours(value):
            waiting += [(f"{place}.{name}", getattr(value, name, None)) for name in _attributes(value)]
    return found


def _is_ours(value: Any) -> bool:
    module = type(value).__module__
    return module.startswith("chalicelib.") and not module.startswith("chalicelib.adapters.memory")


def _attributes(value: Any) -> Iterator[str]:
    yield from getattr(value, "__dict__", ())
    for kind in type(value).__mro__:
        yield from getattr(kind, "__slots__", ())


def flood(world: World, route: Route, first: int, number: int) -> list[Answer]:  # noqa: F811
    return [_knock(world, route, f"{first + place:05d}") for place in range(number)]


def _knock(world: World, route: Route, name: str) -> Answer:  # noqa: F811
    """Everything in it is new: names in the path, values of headers and queries, the body."""
    token = f"{name}{'0' * 38}"
    return world.call(
        route,
        gaps={gap: gap[0] + name.zfill(15) if gap.endswith("_id") else f"name-{name}" for gap in route.gaps}
        | ({"platform": "x"} if "platform" in route.gaps else {}),
        headers={
            "Authorization": f"Bearer {token}",
            "Cookie": f"earshot={token}",
            "Content-Type": "application/json" if "channel" in route.gaps else FORM,
            f"X-{name}": name,
        },
        query={**META, "crc_token": [name], f"q{name}": [name]},
        body=f"token={token}&name={name}&{name}={name}".encode() if route.method == "POST" else None,
    )


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_what_strangers_send_leaves_nothing_behind(world: World, route: Route) -> None:  # noqa: F811
    flood(world, route, 0, 30)
    before = held()
    flood(world, route, 1_000, 30)
    assert held() - before == Counter()


BOUNDED_BY_US = {
    "chalicelib/adapters/aws.py": "services that the code names",
    "chalicelib/adapters/engines/builtin.py": "a folder that ships",
    "chalicelib/bootstrap.py": "settings of the stage",
    "chalicelib/classify/encoder/__init__.py": "a folder that ships",
    "chalicelib/classify/lexicon/__init__.py": "our own lists",
    "chalicelib/domain/calendar.py": "zones of the policies",
    "chalicelib/ports/json_codec.py": "our own classes",
}


def test_a_cache_without_a_limit_is_keyed_by_something_of_ours() -> None:
    """Also for what no route reaches: texts, authors and threads come to the workers."""
    found = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "chalicelib").rglob("*.py")
        if any(_is_endless(node) for node in ast.walk(ast.parse(file.read_text())))
    }
    assert found == set(BOUNDED_BY_US)


def _is_endless(node: ast.AST) -> bool:
    """A function with arguments, kept by `cache`, or by `lru_cache` without a size."""
    if not isinstance(node, ast.FunctionDef) or not (node.args.args or node.args.kwonlyargs):
        return False
    return any(
        ast.unparse(decorator) in ("cache", "functools.cache", "lru_cache(maxsize=None)")
        for decorator in node.decorator_list
    )


# --- what it makes us ask --------------------------------------------------------------------------------------


def test_ten_thousand_invented_channels_make_one_listing_at_most(world: World) -> None:  # noqa: F811
    world.aws.asked.clear()
    answers = {_knock(world, route, f"{number:05d}").status for route in WEBHOOKS for number in range(5_000)}
    assert answers == {404}
    assert len(world.aws.asked) <= 1


# --- what it is told -------------------------------------------------------------------------------------------


def requests(platform: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What may be sent by whoever has no secret of the channel."""
    body = b'{"a": 1}'
    json_type = {"Content-Type": "application/json"}
    yield "POST", {"body": body, "headers": json_type}
    yield "POST", {"body": b"no json", "headers": json_type}
    yield "POST", {"body": b"", "headers": json_type}
    yield "POST", {"body": body, "headers": {"Content-Type": "text/plain"}}
    yield "POST", {"body": b"x" * 4_000_001, "headers": json_type}
    for secret in ("guessed", "", "nobody's"):
        yield "POST", {"body": body, "headers": {**json_type, **signature(platform, body, secret)}}
    for name in connectors.webhook_facts(platform).headers:
        for value in ("", "sha256=", "\U0001f198"):
            yield "POST", {"body": body, "headers": {**json_type, name: value}}
    yield "GET", {}
    yield "GET", {"query": META}
    yield "GET", {"query": {**META, "hub.verify_token": ["nobody's"]}}
    yield "GET", {"query": {"crc_token": ['{"a": 1}']}}


@pytest.mark.parametrize("platform", sorted(name for name in connectors.names() if connectors.has(name, "webhook")))
def test_nobody_is_told_which_channels_there_are(world: World, platform: str) -> None:  # noqa: F811
    routes_of = {route.method: route for route in WEBHOOKS}
    for method, request in requests(platform):
        there, not_there = (
            world.call(routes_of[method], gaps={"platform": platform, "channel": channel}, **request)
            for channel in ("main", "nowhere")
        )
        assert there == not_there, request
        assert there.status in (400, 404, 413, 415)


class Counted:
    """A connector of the platform that notes with which secrets it was asked."""

    def __init__(self, connector: Any) -> None:
        self.connector = connector
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        return getattr(self.connector, name)


@pytest.mark.parametrize("platform", sorted(name for name in connectors.names() if connectors.has(name, "webhook")))
def test_it_is_the_same_work_whether_there_is_a_channel_or_not(
    world: World,  # noqa: F811
    platform: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    routes_of = {route.method: route for route in WEBHOOKS}
    for method, request in requests(platform):
        work = []
        for channel in ("main", "nowhere"):
            counted = Counted(connectors.webhook(platform))
            with monkeypatch.context() as patch:
                patch.setattr(connectors, "webhook", lambda _platform, counted=counted: counted)
                world.call(routes_of[method], gaps={"platform": platform, "channel": channel}, **request)
            work.append(counted.calls)
        assert work[0] == work[1], request


def test_a_channel_is_known_by_its_signature(world: World) -> None:  # noqa: F811
    """The others of this page are turned away by what they lack, not because nothing is let in."""
    body = json.dumps({"for_user_id": "900"}).encode()
    [delivery] = [route for route in WEBHOOKS if route.method == "POST"]
    headers = {"Content-Type": "application/json", **signature("x", body, SECRET)}
    assert world.call(delivery, gaps={"platform": "x", "channel": "main"}, headers=headers, body=body).status == 200
