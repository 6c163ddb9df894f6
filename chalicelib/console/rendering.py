"""
Pages from templates: values in, a document out. The only module that loads jinja2.

Every value that a template shows is made visible and escaped: `safe` and its
like are not among the filters, and the two filters that make markup are here.
A deployed function finds the templates as Python modules in `compiled`
(`infra.deploy.packaging`); a checkout compiles them when they are first used.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import BaseLoader, Environment, FileSystemLoader, ModuleLoader, StrictUndefined
from markupsafe import Markup

from chalicelib.console import words
from chalicelib.console.headers import stylesheet
from chalicelib.domain.in_words import span, tries
from chalicelib.domain.platforms import name_of as platform_name

TEMPLATES: Final = Path(__file__).parent / "templates"
COMPILED: Final = Path(__file__).parent / "compiled"
BUILT_IN: Final = ("capitalize", "join", "length")  # those of jinja2 that templates may use


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """
    What stands around a page of a user, and when it is.

    `prefix` leads from the page's address to the folder in which `console` stands.
    """

    prefix: str
    user: str
    stage: str
    now: datetime


def render(template: str, **values: Any) -> str:
    """The document. Raises UndefinedError for a value that the template names and nobody gave."""
    return _environment().get_template(template).render(values)


def environment(loader: BaseLoader) -> Environment:
    """How templates are read and filled, wherever they come from."""
    made = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters = {name: made.filters[name] for name in BUILT_IN} | _FILTERS
    made.globals = {"stylesheet": Markup(stylesheet())}  # noqa: S704  a file of ours
    return made


@cache
def _environment() -> Environment:
    return environment(ModuleLoader(COMPILED) if COMPILED.is_dir() else FileSystemLoader(TEMPLATES))


def _shown(value: Any) -> Any:
    """What is put into a page, before it is escaped. Markup is: what other templates and filters made."""
    return value if isinstance(value, Markup) else words.visible(str(value))


def _stranger(text: str) -> Markup:
    """Words of somebody else's, in a direction of their own."""
    return Markup('<bdi dir="auto">{}</bdi>').format(words.visible(text))


def _instant(moment: datetime, now: datetime) -> Markup:
    """The time of day in UTC, with the date when it is not today."""
    return Markup('<time datetime="{}">{}</time>').format(words.iso(moment), words.clock_time(moment, now))


_FILTERS: Final = {
    "stranger": _stranger,
    "instant": _instant,
    "due_tone": words.due_tone,
    "due_in_words": words.due_in_words,
    "group": words.group,
    "person": words.person,
    "platform": platform_name,
    "quoted": words.quoted,
    "reach": words.reach,
    "sentence": words.sentence,
    "signed": words.signed,
    "span": span,
    "span_of_seconds": lambda seconds: span(timedelta(seconds=seconds)),
    "status": words.status,
    "tries": tries,
}
