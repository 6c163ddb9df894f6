"""
What a person's erasure takes from texts that also hold others, and the keyed hashes that remember it.

A hash says "this is erased" to whoever meets the id again, and names nobody
to whoever reads the table: the key is kept elsewhere.
"""

import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from chalicelib.domain.events import Event, EventKind
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.domain.incidents.incident import Incident, title_of
from chalicelib.domain.policy import least_of

GONE: Final = "erased-"  # begins what stands in the place of an id
_DIGITS: Final = 32
_LEAST_NAME: Final = 4  # characters; a shorter name is in half of all texts
# Parts of the names under which platforms say who wrote, and of those under which they say whom it is about.
_WHO: Final = ("from", "user", "author", "sender", "actor", "owner", "account", "creator")
_ABOUT: Final = ("reply", "mention", "recipient", "target", "entities", "tag")
_INNER: Final = ("quoted", "retweeted", "referenced", "parent", "shared")  # somebody else's post inside of a post

_OF_PROMISES: Final = frozenset({"tier"})  # what stays of what was known of the person when they wrote


@dataclass(frozen=True, slots=True)
class Seal:
    """Makes the hashes of one stage. `key` must not be kept where they are."""

    key: bytes = field(repr=False)

    def person(self, platform: str, author_key: str) -> str:
        return self._hash("person", platform, author_key)

    def message(self, platform: str, message_id: str) -> str:
        return self._hash("message", platform, message_id)

    def case(self, case_id: str) -> str:
        """Has the form of a case's id."""
        return f"c{self._hash('case', case_id)[:15]}"

    def _hash(self, *parts: str) -> str:
        return hmac.new(self.key, "|".join(parts).encode(), sha256).hexdigest()[:_DIGITS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    By what one person is known: their key on a platform, ids of what they wrote and of their cases, handles and names.

    `author_key` stands for one message where the platform named nobody.
    """

    platform: str
    author_key: str
    message_ids: frozenset[str] = frozenset()
    case_ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        return self.message_ids | {self.author_key}

    def wrote(self, event: Event, *, own: bool = False) -> bool:
        """Whether the entry is theirs; in a case of their `own` also what nobody is known to have written."""
        fact = event.fact
        if fact is None or event.kind is EventKind.ANSWER:
            return False
        if event.native_id in self.message_ids:
            return True
        if event.kind is not EventKind.MENTION:
            return False
        return fact.author.id == self.author_key if fact.author else own

    def was_told(self, event: Event) -> bool:
        """Whether it is an answer of the brand to them."""
        fact = event.fact
        if fact is None or event.kind is not EventKind.ANSWER:
            return False
        return fact.customer_id == self.author_key or fact.parent_id in self.message_ids

    def is_named_in(self, text: str) -> bool:
        """By id, handle or name, whatever the case of its letters."""
        folded = text.casefold()
        return any(word.casefold() in folded for word in self.ids | self.names if len(word) >= _LEAST_NAME)


def known_as(person: Person, events: Collection[Event]) -> Person:
    """The person with what the entries of their cases tell of them."""
    theirs = [event for event in events if event.fact and person.wrote(event)]
    authors = [event.fact.author for event in theirs if event.fact and event.fact.author]
    told = replace(
        person,
        message_ids=person.message_ids.union(*({e.native_id, *(e.fact.alias_ids if e.fact else ())} for e in theirs)),
        names=person.names.union(*({name for name in (a.handle, a.name) if name} for a in authors)),
    )
    return told if told == person else known_as(told, events)  # an edit is known by the message that it is of


def reaches(erased_at: datetime, fact: Fact) -> bool:
    """Whether the erasure of its author, or of whom it answers, covers the fact: what came later does not fall."""
    return fact.effective_at <= erased_at


# --- a case in which others wrote, too ------------------------------------------------------------------------


def anonymous(event: Event, person: Person, seal: Seal, *, own: bool) -> Event:
    """
    The entry without the person.

    That somebody wrote at that time stays, so that the promises of the case
    are what they were; what they wrote, who they are and what the brand said
    to them goes, and so does what an agent wrote that names them.
    """
    is_theirs, is_to_them = person.wrote(event, own=own), person.was_told(event)
    renamed = _renamed(event, person, seal)
    fact = renamed.fact
    if fact is not None and (is_theirs or is_to_them):
        author = _nobody(fact.author, person, seal) if is_theirs else fact.author
        fact = replace(fact, text=None, media=(), permalink=None, author=author, alias_ids=())
        labels = renamed.labels.without_words() if renamed.labels else None
        detail = {name: value for name, value in renamed.detail.items() if name in _OF_PROMISES or not is_theirs}
        return replace(renamed, fact=fact, labels=labels, detail=detail)
    names_them = event.fact is None and event.text is not None and person.is_named_in(event.text)
    return replace(renamed, text=None) if names_them else renamed


def _nobody(author: Author | None, person: Person, seal: Seal) -> Author:
    """Somebody, of whom only that is known which decides about promises and reports."""
    followers = least_of(author.followers) if author else None
    return Author(id=f"{GONE}{seal.person(person.platform, person.author_key)[:16]}", followers=followers)


def without(text: str, person: Person, seal: Seal) -> str:
    """An id, or several between "|" as those of clocks and pages are made, with another in the place of theirs."""
    names = {i: f"{GONE}{seal.message(person.platform, i)[:16]}" for i in person.message_ids}
    names |= {case_id: seal.case(case_id) for case_id in person.case_ids}
    names[person.author_key] = f"{GONE}{seal.person(person.platform, person.author_key)[:16]}"
    return "|".join(names.get(part, part) for part in text.split("|"))


def _renamed(event: Event, person: Person, seal: Seal) -> Event:
    """With other ids in the place of theirs."""

    def of(value: str | None) -> Any:
        return value and without(value, person, seal)

    fact = event.fact
    if fact is not None:
        fact = replace(
            fact,
            message_id=of(fact.message_id),
            parent_id=of(fact.parent_id),
            thread_id=of(fact.thread_id),
            customer_id=of(fact.customer_id),
        )
    detail = {name: of(value) for name, value in event.detail.items()}
    return replace(event, native_id=of(event.native_id), fact=fact, detail=detail, origin=of(event.origin))


def nameless(incident: Incident, person: Person) -> Incident:
    """An incident whose words may name the person, without those; its figures stay."""
    causes = tuple(cause for cause in incident.causes if not person.is_named_in(cause.feature))
    return replace(
        incident,
        causes=causes,
        why=tuple(line for line in incident.why if not person.is_named_in(line)),
        title=title_of(causes) if person.is_named_in(incident.title) else incident.title,
        history=tuple(replace(d, detail="") if person.is_named_in(d.detail) else d for d in incident.history),
    )


# --- raw bodies -------------------------------------------------------------------------------------------------


def pruned(body: bytes, person: Person) -> bytes | None:
    """
    A platform's request without what the person wrote; None when nothing of it is left, or nobody can tell.

    Of a delivery of several items those go that name the person as who wrote
    them. Where others only name them, the name goes. What is no JSON goes
    whole as soon as an id of theirs stands in it.
    """
    text = body.decode("utf-8", "replace")
    if not _concerns(text, person):
        return body
    try:
        plain = json.loads(text)
        rest, is_theirs = _without(plain, person, who="")
        left = None if is_theirs else json.dumps(rest, ensure_ascii=False, separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return None
    return None if left is None or _concerns(left.decode(), person) else left


def _concerns(text: str, person: Person) -> bool:
    """As JSON may write it, too."""
    words = [word for word in person.ids | person.names if len(word) >= _LEAST_NAME]
    return any(word in text or json.dumps(word)[1:-1] in text for word in words)


def _without(node: Any, person: Person, *, who: str) -> tuple[Any, bool]:
    """What is left of a part, and whether whatever it stands in is the person's."""
    if isinstance(node, list):
        items = [_without(part, person, who=who) for part in node]
        return [part for part, is_theirs in items if not is_theirs], False
    if isinstance(node, Mapping):
        parts = {
            key: _without(part, person, who=f"{who}.{key}".casefold())
            for key, part in node.items()
            if key not in person.ids
        }
        theirs = {key for key, (_, is_theirs) in parts.items() if is_theirs}
        inner = {key for key in theirs if any(part in key.casefold() for part in _INNER)}
        return {key: part for key, (part, _) in parts.items() if key not in inner}, bool(theirs - inner)
    if isinstance(node, str | int) and str(node) in person.ids:
        return GONE.rstrip("-"), _says_who(who) or (str(node) in person.message_ids and not _is_about(who))
    if isinstance(node, str):
        for word in sorted(person.ids | person.names, key=len, reverse=True):
            node = node.replace(word, GONE.rstrip("-")) if len(word) >= _LEAST_NAME else node
    return node, False


def _says_who(path: str) -> bool:
    return any(part in path for part in _WHO) and not _is_about(path)


def _is_about(path: str) -> bool:
    return any(part in path for part in _ABOUT)


def concerned(fact: Fact) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    The people whose erasure decides about a fact, and the messages.

    When somebody known wrote at a time that the platform says, the two decide.
    """
    author = fact.author.id if fact.author and fact.kind is FactKind.MENTION else None
    people = tuple(i for i in (author, fact.customer_id) if i)
    if author is not None and fact.occurred_at is not None:
        return people, ()
    parent = fact.parent_id if fact.kind is FactKind.ANSWER else None
    return people, tuple(i for i in (fact.message_id, *fact.alias_ids, parent) if i)
