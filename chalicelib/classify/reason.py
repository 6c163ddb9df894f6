"""Why somebody writes: the five reasons of the survey, or none."""

from collections.abc import Mapping
from typing import Final

from chalicelib.classify.confidence import confidence
from chalicelib.classify.cues import Cue
from chalicelib.classify.match import Hit, Reading
from chalicelib.classify.tone import Tone
from chalicelib.domain.labels import Label, Reason, Sentiment

_GREETING: Final = 3  # words that may come before a question opens
_OPINIONS: Final = frozenset({Cue.BAD, Cue.AWFUL, Cue.SCORN})
_TALE: Final = 5  # words from which a first-person text tells something


def judge(reading: Reading, tone: Tone) -> Label[Reason]:
    """
    The main reason. An answerable request makes it assistance; words addressed to other customers make it spread.
    """
    asked = requests(reading)
    spread = reading.hits(Cue.SPREAD)
    if spread and not _asks_outright(reading):
        return Label(Reason.SPREAD, confidence(0.8 * len(spread)), reading.quote(spread))
    if asked and not (tone.label.value is Sentiment.POSITIVE and _only_courtesy(reading)):
        return Label(Reason.ASSISTANCE, confidence(0.6 * len(asked)), reading.quote(asked))
    return _without_request(reading, tone)


def requests(reading: Reading) -> list[Hit]:
    """What asks for an answer or an action; a rhetorical question does not."""
    rhetorical = reading.sentences(Cue.RHETORICAL)
    asked = [hit for hit in _openers(reading) if reading.sentence(hit) not in rhetorical]
    return [*reading.hits(Cue.REQUEST), *asked, *_marked(reading, rhetorical)]


def _openers(reading: Reading) -> list[Hit]:
    """Question words at the head of a sentence, or behind a greeting: "hi there how do I"."""
    heads: dict[int, int] = {}
    for place, word in enumerate(reading.passage.words):
        heads.setdefault(word.sentence, place)
    return [hit for hit in reading.hits(Cue.QUESTION) if hit.first - heads[reading.sentence(hit)] < _GREETING]


def _marked(reading: Reading, rhetorical: Mapping[int, Hit]) -> list[Hit]:
    """The last word of each sentence that ends in a question mark."""
    open_questions = reading.passage.questions.difference(rhetorical)
    last_word = {word.sentence: place for place, word in enumerate(reading.passage.words)}
    return [Hit(Cue.QUESTION, last_word[each], last_word[each]) for each in sorted(open_questions) if each in last_word]


def _asks_outright(reading: Reading) -> bool:
    """Asks the brand, not the crowd."""
    crowd = reading.sentences(Cue.SPREAD)
    return any(reading.sentence(hit) not in crowd for hit in [*reading.hits(Cue.REQUEST), *_openers(reading)])


def _only_courtesy(reading: Reading) -> bool:
    return not reading.passage.questions and not reading.hits(Cue.QUESTION) and len(reading.hits(Cue.REQUEST)) == 1


def _without_request(reading: Reading, tone: Tone) -> Label[Reason]:
    sentiment = tone.label
    if sentiment.value is Sentiment.POSITIVE:
        return Label(Reason.PRAISE, sentiment.score, sentiment.words)
    if sentiment.value is Sentiment.NEGATIVE:
        return _trouble(reading, tone)
    return _calm(reading)


def _trouble(reading: Reading, tone: Tone) -> Label[Reason]:
    """A concrete problem of one's own wants mending even if nobody says please; an opinion is vented."""
    own = reading.hits(Cue.OWN)
    opinions = [hit for hit in tone.trouble_hits if hit.cue in _OPINIONS]
    facts = [hit for hit in tone.trouble_hits if hit.cue not in _OPINIONS]
    if facts and own and not opinions:
        return Label(Reason.ASSISTANCE, confidence(0.3 * len(facts)), reading.quote([*facts, *own]))
    if facts and reading.private:
        return Label(Reason.ASSISTANCE, confidence(0.5 * len(facts)), reading.quote(facts))
    return Label(Reason.VENT, tone.label.score, tone.label.words)


def _calm(reading: Reading) -> Label[Reason]:
    own = reading.hits(Cue.OWN)
    if reading.private or (own and reading.hits(Cue.PROBLEM)):
        return Label(Reason.ASSISTANCE, confidence(0.3), reading.quote(own))
    me = reading.hits(Cue.SELF)
    if me and len(reading.passage.words) >= _TALE:
        return Label(Reason.SHARE, confidence(0.2), reading.quote(me))
    return Label(Reason.NONE, confidence(0.2))
