"""The deployed handler with the console's routes, over a table in memory, and a browser's view of its pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urljoin

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str
    url: str

    @property
    def page(self) -> "Page":
        return Page.of(self.body)

    @property
    def cookie(self) -> str:
        return self.headers.get("Set-Cookie", "")


@dataclass
class Site:
    """`base` is the address below which API Gateway shows the API; `cookies` is what the browser would send."""

    app: Any
    desk: Any
    base: str = "/local"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, *, query: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Answer:
        return self._call("GET", path, query=query, headers=headers)

    def post(self, path: str, form: Mapping[str, str], *, headers: dict[str, str] | None = None) -> Answer:
        return self._call("POST", path, body=urlencode(form), headers={"Content-Type": FORM, **(headers or {})})

    def sign_in(self, token: str, **more: str) -> Answer:
        answer = self.post("/console/sign-in", {"token": token, **more})
        name, _, rest = answer.cookie.partition("=")
        if value := rest.partition(";")[0]:
            self.cookies[name] = value
        return answer

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: str | None = None,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        sent = {"Host": "api.example", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        resource, parameters = _resource(path)
        context = {"resourcePath": resource, "httpMethod": method, "path": f"{self.base}{path}"}
        event = {
            "resource": resource,
            "path": path,
            "httpMethod": method,
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "queryStringParameters": query,
            "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
            "pathParameters": parameters,
            "stageVariables": None,
            "requestContext": {**context, "identity": {"sourceIp": "192.0.2.1"}},
            "body": body,
            "isBase64Encoded": False,
        }
        told = self.app(event, SimpleNamespace(aws_request_id="1"))
        several = {name: values[-1] for name, values in told.get("multiValueHeaders", {}).items()}
        return Answer(told["statusCode"], {**told["headers"], **several}, told["body"], f"{self.base}{path}")


def _resource(path: str) -> tuple[str, dict[str, str] | None]:
    """As API Gateway tells it: the route, and what stands in its gap."""
    for place, name in (("/c/", "case_id"), ("/incidents/", "incident_id")):
        before, is_there, value = path.partition(place)
        if is_there:
            return f"{before}{place}{{{name}}}", {name: value}
    return path.rstrip("/"), None


@dataclass
class Page(HTMLParser):
    """What a browser makes of a page: its elements in order, its links and its text."""

    elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @classmethod
    def of(cls, document: str) -> "Page":
        page = cls()
        page.feed(document)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Elements and the names of their attributes: what no text may change."""
        return [(tag, tuple(name for name, _ in attrs)) for tag, attrs in self.elements]

    def links(self, url: str) -> list[str]:
        """Where each link and form leads to from `url`."""
        values = [dict(attrs) for _, attrs in self.elements]
        found = [value.get("href") or value.get("action") for value in values]
        return [urljoin(url, link) for link in found if link and not link.startswith("data:")]
