"""The deployed handler as strangers reach it: every route, over a table in memory and an AWS that takes everything."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from inspect import unwrap
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import bootstrap, connectors
from chalicelib.domain.fixes import what
from chalicelib.ports.access import Role
from chalicelib.ports.table import Put
from tests.entrypoints.fresh import PARAMETERS
from tests.usecases.outage import BEGAN, Airline, outage
from tests.usecases.sweeps import P_VIP, Story, mention
from tests.usecases.world import at

SECRET = "the-channel's-secret"
TOKENS = {Role.AGENT: "agent" + "0" * 38, Role.LEAD: "lead" + "0" * 39, Role.ADMIN: "admin" + "0" * 38}


class Aws:
    """Every client in one: each platform has the channel `main`, and whatever is sent is taken."""

    exceptions = SimpleNamespace(ParameterNotFound=KeyError)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get_parameter(self, *, Name: str, **_: Any) -> dict[str, Any]:  # noqa: N803  as AWS names it
        self.asked.append(Name)
        values = {**PARAMETERS, "erasing": {"key": "0" * 64}}
        return {"Parameter": {"Value": json.dumps(values[Name.rpartition("/")[2]])}}

    def get_parameters_by_path(self, *, Path: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.asked.append(Path)
        value = json.dumps({"secrets": [SECRET], "verify_token": SECRET})
        return {"Parameters": [{"Name": f"{Path}/{name}.main", "Value": value} for name in connectors.names()]}

    def __getattr__(self, _: str) -> Any:
        return lambda **_: {}


@dataclass(frozen=True)
class Route:
    """One method of one route of the app, with the names of the gaps in its path, and the texts in its code."""

    method: str
    path: str
    gaps: tuple[str, ...]
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes() -> tuple[Route, ...]:
    """All that the app has: a new route is among them by itself."""
    return tuple(
        Route(method, path, tuple(entry.view_args), _words(unwrap(entry.view_function)))
        for path, methods in import_module("app").app.routes.items()
        for method, entry in methods.items()
    )


def _words(function: Callable[..., Any]) -> tuple[str, ...]:
    return tuple(word for word in function.__code__.co_consts if isinstance(word, str))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class World:
    """`known` holds what exists, by the name of the gap in a path that leads to it."""

    app: Any
    aws: Aws
    known: Mapping[str, Sequence[str]]

    def call(
        self,
        route: Route,
        *,
        gaps: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Sequence[str]] | None = None,
        body: bytes | None = None,
        as_text: bool = False,
    ) -> Answer:
        """As API Gateway calls it. `as_text` hands the body over as text, which is what it does with UTF-8."""
        path = {**{gap: self.known[gap][0] for gap in route.gaps}, **(gaps or {})}
        text = body and (body.decode("utf-8", "replace") if as_text else base64.b64encode(body).decode())
        event = {
            "resource": route.path,
            "path": route.path.format(**path),
            "httpMethod": route.method,
            "headers": dict(headers or {}),
            "multiValueQueryStringParameters": {name: list(values) for name, values in (query or {}).items()} or None,
            "pathParameters": path or None,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": route.path,
                "httpMethod": route.method,
                "path": f"/local{route.path.format(**path)}",
                "identity": {"sourceIp": "192.0.2.1"},
            },
            "body": text,
            "isBase64Encoded": body is not None and not as_text,
        }
        told = self.app(event, SimpleNamespace(aws_request_id="1"))
        several = {name: values[-1] for name, values in told.get("multiValueHeaders", {}).items()}
        return Answer(told["statusCode"], {**told["headers"], **several}, told["body"])


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAGE", "local")
        aws, airline = Aws(), Airline()
        _forget()
        patch.setattr(bootstrap, "client", lambda _service: aws)
        patch.setattr(bootstrap, "table", lambda: airline.table)
        patch.setattr(bootstrap, "now", lambda: lambda: at(BEGAN + 5))
        yield World(import_module("app").app, aws, _inhabit(airline))
        _forget()


def _inhabit(airline: Airline) -> Mapping[str, Sequence[str]]:
    """An outage with its incident, a fix, a page with its link, and a user of each role."""
    from chalicelib.usecases import causes

    airline.hear(outage(14))
    airline.watch()
    for role, token in TOKENS.items():
        airline.acting.users.add(role.value, role, token, at(0))
    cause = what(aspect=None, topic=None, terms=("baggage",))
    fix = causes.call_fixed(cause, "mended", actor="lead", ports=bootstrap.causes_ports(), now=at(BEGAN))
    story = Story(P_VIP, mention("100", f"{at(0):%Y-%m-%d %H:%M}"))
    story.until(f"{at(0):%Y-%m-%d %H:%M}", f"{at(19):%Y-%m-%d %H:%M}")
    for item in story.table.everything().values():
        airline.table.write([Put(item)])
    return {
        "case_id": [airline.case_of("50000")],
        "incident_id": [airline.one.incident_id],
        "fix_id": [fix.fix_id],
        "code": story.codes(),
        "platform": sorted(connectors.names()),
        "channel": ["main"],
    }


def _forget() -> None:
    """What `bootstrap` made once for the whole process."""
    for made in vars(bootstrap).values():
        if callable(clear := getattr(made, "cache_clear", None)):
            clear()
