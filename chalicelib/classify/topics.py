"""Which of the brand's own places and products a text names, by whole words."""

from typing import Final

from chalicelib.classify.phrases import Phrases
from chalicelib.classify.tokens import JudgedPart
from chalicelib.domain.labels import Topic
from chalicelib.domain.vocabulary import Vocabulary

MOST_TOPICS: Final = 12  # a list of all shops is no complaint about each

Matcher = Phrases[Topic]
NOTHING: Final[Matcher] = Phrases(())


def matcher(vocabulary: Vocabulary) -> Matcher:
    """What finds its words. Made once for many texts."""
    return Phrases(vocabulary.phrases)


def judge(passage: JudgedPart, vocabulary: Matcher) -> tuple[Topic, ...]:
    """Each once, in the order of the text."""
    found = dict.fromkeys(one.value for one in vocabulary.find(passage))
    return tuple(found)[:MOST_TOPICS]
