"""A brand's own places and products, with the words by which people call them."""

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.labels import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A place or product. People call it by its name and by `words`."""

    topic: Topic
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All of them; what is called by one word twice belongs to the first."""

    names: tuple[Named, ...] = ()

    @property
    def phrases(self) -> Iterator[tuple[str, Topic]]:
        """Each word or phrase, and what it stands for."""
        for named in self.names:
            yield from ((phrase, named.topic) for phrase in (named.topic.name, *named.words))
