"""No bytes that a stranger can send make any route answer 5xx: every route of the app, with words of its code."""

import ast
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any, Literal, get_args, get_origin
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chalicelib import bootstrap, connectors
from chalicelib.entrypoints import api_models, incident_models
from chalicelib.ports.access import Role
from infra.paths import ROOT
from tests.connectors.samples import signature
from tests.entrypoints.outside import SECRET, TOKENS, Answer, Route, World, routes, world  # noqa: F401  a fixture

FORM = "application/x-www-form-urlencoded"
TYPES = ("application/json", FORM, "text/plain", "multipart/form-data; boundary=x", "application/octet-stream", "", "é")
# What broke somebody's reader once: at both ends of time, of a key's length, and of what JSON, a form or a number is.
NASTY = (
    *("0001-01-01", "9999-12-31", "2026-02-30", "2026-W10-1", "20260301", "-1", "0", "1e9", "٣", "9" * 400, "null"),
    *('{"pk": {"S": "USER"}, "sk": {"S": "ann"}}', "[]", "{}", '{"a": 1}', "0:", "8:", "0000000001#i0123456789abcdef"),
    *("🆘" * 400, "é" * 1_100, "\x00", "\ud83d", "\u202e", "%00", "../../console", "//evil.example", "a" * 5_000),
    *("&".join("abcdefghijk"), "a=1&" * 11, "[" * 3_000, "true", "false", " ", "\r\nSet-Cookie: a=b"),
)


@cache
def vocabulary() -> tuple[str, ...]:
    """Every short text in the code of the edge and the connectors: names of fields, queries and headers, and values."""
    found = {
        node.value
        for folder in ("entrypoints", "connectors", "console")
        for file in sorted((ROOT / "chalicelib" / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) <= 30
    }
    return tuple(sorted(found))


def texts() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(NASTY), st.sampled_from(vocabulary()), st.text(max_size=40))


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


ROUTES = routes()
BODIES = tuple(sorted(models(api_models.Body), key=lambda one: one.__qualname__))


@st.composite
def well_formed(draw: st.DrawFn) -> Any:
    """A body that some route takes, as far as names and choices go; its texts are anybody's."""
    model = draw(st.sampled_from(BODIES))
    body = {}
    for name, field in model.model_fields.items():
        if field.is_required() or draw(st.booleans()):
            body[field.alias or name] = draw(_values(field.annotation))
    return body


def _values(annotation: Any) -> st.SearchStrategy[Any]:
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if annotation is bool:
        return st.booleans()
    return st.one_of(texts(), texts(), st.none(), st.booleans(), st.lists(texts(), max_size=6), st.integers())


def plain() -> st.SearchStrategy[Any]:
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts())
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3))


def bodies() -> st.SearchStrategy[bytes | None]:
    pairs = st.lists(st.tuples(texts(), texts()), max_size=14)
    return st.one_of(
        st.none(),
        st.binary(max_size=200),
        well_formed().map(lambda body: json.dumps(body).encode()),
        plain().map(lambda body: json.dumps(body).encode()),
        pairs.map(lambda found: "&".join(f"{a}={b}" for a, b in found).encode("utf-8", "surrogatepass")),
    )


@st.composite
def requests(draw: st.DrawFn, world: World, route: Route) -> dict[str, Any]:  # noqa: F811
    token = draw(st.sampled_from([*TOKENS.values(), "x" * 43, "é", ""]))
    headers = {
        **draw(st.dictionaries(st.sampled_from(vocabulary()), texts(), max_size=3)),
        "Authorization": f"Bearer {token}",
        "Cookie": f"earshot={token}",
        "Content-Type": draw(st.sampled_from(TYPES)),
        "Idempotency-Key": draw(st.one_of(st.uuids().map(str), texts())),
    }
    gaps = {gap: draw(st.one_of(st.sampled_from(list(world.known[gap])), texts())) for gap in route.gaps}
    body = draw(bodies())
    if body and draw(st.booleans()) and gaps.get("platform") in connectors.names():
        headers |= signature(gaps["platform"], body, SECRET)
        headers["Content-Type"] = "application/json"
    names = st.one_of(st.sampled_from(route.words), st.sampled_from(route.words), texts())
    query = draw(st.dictionaries(names, st.lists(texts(), min_size=1, max_size=2), max_size=3))
    return {"gaps": gaps, "headers": headers, "query": query, "body": body, "as_text": draw(st.booleans())}


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "GET"], ids=str)
def test_the_world_behind_the_routes_is_there(world: World, route: Route) -> None:  # noqa: F811
    """A fuzz that is turned away at the door would find nothing."""
    query = {"hub.mode": ["subscribe"], "hub.verify_token": [SECRET], "hub.challenge": ["1"], "crc_token": ["1"]}
    answer = world.call(route, headers=signed_in(TOKENS[Role.ADMIN]), query=query if "platform" in route.gaps else None)
    assert answer.status in (200, 303)


def signed_in(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {token}",
        "Cookie": f"earshot={token}",
        "Idempotency-Key": "k1",
        "Content-Type": "application/json",
    }


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_no_nasty_text_in_any_one_place_is_answered_with_5xx(world: World, route: Route) -> None:  # noqa: F811
    for place, nasty in product(places(route), NASTY):
        assert world.call(route, **place(nasty)).status < 500, (place, nasty)


def places(route: Route) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Everywhere a text may stand in a request that is well-formed otherwise."""
    headers = signed_in(TOKENS[Role.ADMIN])
    for gap in route.gaps:
        yield lambda text, gap=gap: {"gaps": {gap: text}, "headers": headers}
    for word in route.words:
        yield lambda text, word=word: {"query": {word: [text]}, "headers": headers}
    for name in headers:
        yield lambda text, name=name: {"headers": {**headers, name: text}}
    if route.method == "POST":
        yield lambda text: {"headers": headers, "body": _bytes(text)}
        yield lambda text: {"headers": {**headers, "Content-Type": FORM}, "body": _bytes(text)}
        for word in route.words:
            yield lambda text, word=word: {
                "headers": {**headers, "Content-Type": FORM},
                "body": _bytes(f"{word}={text}"),
            }
        for body, name in bodies_with_a_gap(route):
            yield lambda text, body=body, name=name: {
                "headers": {**headers, "Idempotency-Key": str(uuid4())},
                "body": json.dumps({**body, name: text}).encode(),
            }


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def bodies_with_a_gap(route: Route) -> Iterator[tuple[dict[str, Any], str]]:
    """Every body of every model with its choices taken, and the name of each field."""
    for model in BODIES if "/api/" in route.path else ():
        choices = {
            name: get_args(field.annotation)
            for name, field in model.model_fields.items()
            if get_origin(field.annotation) is Literal
        }
        for taken in product(*choices.values()):
            body = {
                field.alias or name: "text" for name, field in model.model_fields.items() if field.is_required()
            } | dict(zip(choices, taken, strict=True))
            for name, field in model.model_fields.items():
                yield body, field.alias or name


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_nothing_that_a_stranger_sends_is_answered_with_5xx(world: World, route: Route) -> None:  # noqa: F811
    @settings(deadline=None, max_examples=30 if route.method == "GET" else 80)
    @given(requests(world, route))
    def hold(request: dict[str, Any]) -> None:
        assert world.call(route, **request).status < 500

    hold()


# --- what is said of a body that is refused -------------------------------------------------------------------


@pytest.mark.parametrize("model", BODIES, ids=lambda model: model.__qualname__)
def test_every_field_says_what_it_takes(model: type[BaseModel]) -> None:
    """`invalid` can tell whoever sends something else."""
    for name, field in model.model_fields.items():
        assert field.description or get_origin(field.annotation) is Literal, name


WRONG = ({"a": 1}, [[1]], 1.5, {}, [None])
READERS = [
    (api_models.read, api_models.BODIES, "action"),
    (api_models.read_change, api_models.CHANGES, "change"),
    (api_models.read_merge, (api_models.Merge,), None),
    (incident_models.read_action, incident_models.ACTION_BODIES, "action"),
    (incident_models.read_answer, (incident_models.AnswerAll,), None),
    (incident_models.read_fixed, (incident_models.Fixed,), None),
]


def test_every_body_has_its_reader() -> None:
    assert {model for _, bodies, _ in READERS for model in bodies} >= set(BODIES)


@pytest.mark.parametrize(("read", "bodies", "choice"), READERS)
def test_a_refusal_names_the_field_and_what_it_takes(read: Any, bodies: Any, choice: str | None) -> None:
    for model in bodies:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        body = {choice: get_args(model.model_fields[choice].annotation)[0]} if choice else {}
        for name, field in fields.items():
            for wrong in WRONG if name != choice else ():
                said = refusal(read, {**right(fields), **body, name: wrong})
                assert said == f"{name} takes {field.description}."
            if field.is_required() and name != choice:
                others = {other: value for other, value in right(fields).items() if other != name}
                assert refusal(read, {**others, **body}) == f"{name} is missing; it takes {field.description}."
        assert refusal(read, {**right(fields), **body, "nonsense": 1}).endswith(f"here: {', '.join(fields)}; no other.")


def right(fields: dict[str, FieldInfo]) -> dict[str, str]:
    """Something that each required field takes."""
    return {name: _right(name, field) for name, field in fields.items() if field.is_required()}


def _right(name: str, field: FieldInfo) -> str:
    choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
    return choices[0] if choices else "2026-12-24" if name == "due_on" else "c0123456789abcde"


def refusal(read: Any, body: Any) -> str:
    with pytest.raises(api_models.BodyInvalid) as refused:
        read(json.dumps(body).encode())
    return str(refused.value)


# --- where a form comes from -----------------------------------------------------------------------------------

OURS = {"Host": "api.example"}
FROM_US: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://api.example"},
    {"Origin": "https://API.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "https://care.example"},
]
FROM_ELSEWHERE: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "https://api.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "https://api.example.evil.example"},
    {"Origin": "https://evil.example/api.example"},
    {"Origin": "https://api.example:8443"},
    {"Origin": "null"},
    {"Origin": "null", "Sec-Fetch-Site": "none"},
    {"Origin": ""},
    {"Origin": "http://["},
]
FORMS = [route for route in ROUTES if route.method == "POST" and not route.path.startswith(("/api/", "/webhooks/"))]


@pytest.fixture
def care(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage with an address of its own."""
    settings = replace(bootstrap.settings(), base_url="https://care.example/prod")
    monkeypatch.setattr(bootstrap, "settings", lambda: settings)


@pytest.mark.usefixtures("care")
@pytest.mark.parametrize("route", FORMS, ids=str)
def test_a_form_of_another_site_does_nothing(world: World, route: Route) -> None:  # noqa: F811
    def post(origin: dict[str, str]) -> Answer:
        body = f"token={TOKENS[Role.AGENT]}&name=Ada".encode()
        return world.call(route, headers={**OURS, **origin, "Content-Type": FORM}, body=body)

    for origin in FROM_US:
        answer = post(origin)
        assert "Set-Cookie" in answer.headers or answer.status == 200, origin
    for origin in FROM_ELSEWHERE:
        answer = post(origin)
        assert "Set-Cookie" not in answer.headers, origin
        assert answer.status in (303, 401, 403), origin
