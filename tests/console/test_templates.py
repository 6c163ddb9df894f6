"""Templates that cannot show a stranger's text as markup: what they may not hold, and every view with hostile words."""

import inspect
import re
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import DictLoader, UndefinedError
from jinja2.exceptions import TemplateAssertionError

from chalicelib.console import acknowledge, case, cases, causes, incidents, rendering, sign_in
from chalicelib.console.rendering import TEMPLATES
from infra.paths import ROOT
from tests.console.site import Page
from tests.console.test_pages import NASTY

FILES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file())
REFUSED = {
    "a filter that skips escaping": r"\|\s*(safe|forceescape|tojson|xmlattr|urlize|striptags)\b",
    "markup made by hand": r"\bMarkup\b|__html__",
    "escaping switched off": r"\bautoescape\b",
    "code of templates": r"\{%-?\s*(do|raw|filter)\b",
}
STATEMENT = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


def text_of(name: str) -> str:
    return (TEMPLATES / name).read_text()


def as_markup(text: str) -> str:
    """The template's own markup: `{{ … }}` is a word, the rest of the language is gone."""
    return STATEMENT.sub(lambda found: "VALUE" if found[0].startswith("{{") else " ", text)


def faults(text: str) -> Iterator[str]:
    """What the text of a template may not hold."""
    yield from (what for what, pattern in REFUSED.items() if re.search(pattern, text))
    markup = as_markup(text)
    for tag in re.findall(r"<[A-Za-z][^<>]*>", markup):
        if re.search(r"=\s*(?![\"\s])", re.sub(r"\"[^\"]*\"", '""', tag)):
            yield f"an unquoted attribute: {tag}"
        bare = re.sub(r"=\s*\"[^\"]*\"", "", tag)
        if "VALUE" in bare:
            yield f"a value outside of quotes in a tag: {tag}"
        if re.search(r"\s(style|on\w+|srcdoc)\b", bare, re.IGNORECASE):
            yield f"an attribute that acts: {tag}"
        if re.search(r"(href|src|action)\s*=\s*\"\s*(javascript|vbscript|data:(?!,))", tag, re.IGNORECASE):
            yield f"an address that acts: {tag}"
    for element in re.findall(
        r"<(script|style|iframe|object|embed|base|svg|math)\b[^>]*>([^<]*)", markup, re.IGNORECASE
    ):
        if element != ("style", "VALUE"):
            yield f"an element that acts: {element[0]}"


def test_the_templates_are_where_they_are_looked_for() -> None:
    assert {"layout.html", "signed_in.html", "partials/entry.html"} <= set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_template_holds_nothing_that_skips_escaping_or_acts(name: str) -> None:
    assert list(faults(text_of(name))) == []


@pytest.mark.parametrize("name", FILES)
def test_only_the_layout_has_a_stylesheet_and_only_ours(name: str) -> None:
    assert re.findall(r"<style.*?</style>", text_of(name), re.DOTALL) == (
        ["<style>{{ stylesheet }}</style>"] if name == "layout.html" else []
    )


@pytest.mark.parametrize(
    "text",
    [
        "{{ text|safe }}",
        "{{ text | safe }}",
        "{{ Markup(text) }}",
        "{% autoescape false %}{{ text }}{% endautoescape %}",
        "<p title={{ text }}>",
        "<p title='{{ text }}'>",
        "<p title=a>",
        "<p {{ text }}>",
        '<p {{ text }}="a">',
        "<script>alert(1)</script>",
        "<style>p { color: red }</style>",
        '<p style="color: red">',
        '<p onclick="x()">',
        '<p\nONMOUSEOVER="x()">',
        '<a href="javascript:x()">',
        '<iframe src="/x"></iframe>',
        '<base href="/x">',
        "{% raw %}",
    ],
)
def test_what_is_refused_is_found(text: str) -> None:
    assert list(faults(text)) != []


def test_only_one_module_makes_markup() -> None:
    users = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "chalicelib").rglob("*.py")
        if re.search(r"\bMarkup\b|jinja2|markupsafe", path.read_text())
    ]
    assert users == ["chalicelib/console/rendering.py"]


@pytest.mark.parametrize("name", ["safe", "tojson", "xmlattr", "urlize", "forceescape"])
def test_no_filter_skips_escaping(name: str) -> None:
    with pytest.raises(TemplateAssertionError):
        rendering.environment(DictLoader({"a": f"{{{{ text | {name} }}}}"})).get_template("a")


def test_a_name_that_nobody_gave_is_an_error_and_no_empty_place() -> None:
    with pytest.raises(UndefinedError):
        rendering.environment(DictLoader({"a": "{{ nobody }}"})).get_template("a").render()
    with pytest.raises(UndefinedError):
        rendering.environment(DictLoader({"a": "{% if frame.nobody %}{% endif %}"})).get_template("a").render(frame=1)


# --- every view, with hostile words in every field -----------------------------------------------------------------

NOW = datetime(2026, 3, 1, 10, tzinfo=UTC)
HOSTILE = "<i class=\"evil\" onload='x'>{{ 7 * 7 }}</bdi></style><script>alert(1)</script>&lt;b&gt;"
HARMLESS = "harmless"


class Maker:
    """
    Values of any type with the same words in every text, walked by the fields of dataclasses.

    `full` fills what may be None and says yes; else it is None where it may
    be, and no. `member` is which member an enumeration gives; a row of values
    has one for each of three.
    """

    ALWAYS = frozenset({"clock", "given"})  # of an alert's link: None only where its page has no use for them

    def __init__(self, words: str, *, full: bool, member: int = 0) -> None:
        self.words, self.full, self.member, self.texts = words, full, member, 0

    def make(self, kind: Any) -> Any:  # noqa: PLR0911  one line for each kind of type
        origin, inside = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, types.UnionType):
            some = [one for one in inside if one is not type(None)]
            return self.make(some[0]) if self.full or len(some) == len(inside) else None
        if isinstance(kind, type) and issubclass(kind, Enum):
            return list(kind)[self.member % len(kind)]
        if kind is str or kind is Any:
            self.texts += 1
            return self.words
        simple = {bool: self.full, int: 3, float: 3.0, datetime: NOW - timedelta(minutes=5), date: NOW.date()}
        if kind in simple:
            return simple[kind]
        if is_dataclass(kind):
            return self.build(kind)
        if isinstance(origin, type) and issubclass(origin, Mapping):
            return {self.make(inside[0]): self.make(inside[1])}
        if isinstance(origin, type) and issubclass(origin, tuple) and inside[-1:] != (Ellipsis,):
            return tuple(self.make(one) for one in inside)
        if isinstance(origin, type) and issubclass(origin, tuple | Sequence | frozenset):
            return (frozenset if issubclass(origin, frozenset) else tuple)(self.row(inside[0]))
        raise TypeError(f"how is a {kind} made?")

    def build(self, kind: Any) -> Any:
        hints = typing.get_type_hints(kind)
        wanted = {field.name: hints[field.name] for field in fields(kind) if field.init}
        made = {name: self.make(hint) for name, hint in wanted.items()}
        for name in self.ALWAYS & made.keys():
            [made[name]] = (self.make(one) for one in typing.get_args(hints[name]) if one is not type(None))
        return kind(**made)

    def row(self, kind: Any) -> Iterator[Any]:
        first = self.member
        for self.member in range(first, first + 3):
            yield self.make(kind)
        self.member = first


def draws() -> dict[str, Callable[..., str]]:
    """Every function that draws a page of a view."""
    rooms = (acknowledge, case, causes, cases, incidents)
    found = {
        f"{room.__name__.rpartition('.')[2]}.{name}": function
        for room in rooms
        for name, function in inspect.getmembers(room, inspect.isfunction)
        if name.startswith("draw") and function.__module__ == room.__name__
    }
    return {**found, "sign_in.sign_in": sign_in.sign_in, "sign_in.message": sign_in.message}


def drawn(draw: Callable[..., str], words: str, *, full: bool, member: int = 0) -> tuple[str, int]:
    """The page of a view that holds nothing but these words, and how many texts the view has."""
    maker = Maker(words, full=full, member=member)
    hints = typing.get_type_hints(draw)
    values = {name: NOW if name == "now" else maker.make(hints[name]) for name in inspect.signature(draw).parameters}
    return draw(**values), maker.texts


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(f"/{tag}")


def elements(document: str) -> list[Any]:
    reader = Elements()
    reader.feed(document)
    reader.close()
    return reader.found


@pytest.mark.parametrize("member", range(0, 12, 3))
@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("name", draws())
def test_no_text_of_any_view_comes_out_as_markup(name: str, full: bool, member: int) -> None:
    document, texts = drawn(draws()[name], HOSTILE, full=full, member=member)
    plain, _ = drawn(draws()[name], HARMLESS, full=full, member=member)
    assert texts > 0
    assert elements(document) == elements(plain)
    assert "<script" not in document
    assert "49" not in Page.of(document).text  # nothing of it was taken for a template


@pytest.mark.parametrize("name", draws())
def test_the_views_that_are_tried_show_the_words_that_they_hold(name: str) -> None:
    document, _ = drawn(draws()[name], HARMLESS, full=True)
    assert HARMLESS in Page.of(document).text


@settings(max_examples=40, deadline=None)
@given(words=NASTY, name=st.sampled_from(sorted(draws())))
def test_no_words_whatever_come_out_as_markup(words: str, name: str) -> None:
    document, _ = drawn(draws()[name], f"x{words}", full=True)
    plain, _ = drawn(draws()[name], "xx", full=True)
    assert elements(document) == elements(plain)
