"""
Understanding a text: `classify` is all that the rest of the house knows.

The engine here is a set of rules over word lists: standard library only, the
same answer every time, work bounded whatever a stranger sends. A trained one
answers with the same `Labels`.
"""

from dataclasses import replace
from typing import Final

from chalicelib.classify import aspects, language, match, noise, reason, tone, topics, urgency, verdicts
from chalicelib.classify.lexicon import LANGUAGES
from chalicelib.classify.tokens import read
from chalicelib.domain.labels import UNDETERMINED, UNLABELLED, Label, Labels, Noise, Reason, Urgency

ENGINE: Final = "rules-1"
_SURE_OF_LANGUAGE: Final = 0.7


def classify(
    text: str | None,
    *,
    lang_hint: str | None = None,
    private: bool = False,
    rating: int | None = None,
    vocabulary: topics.Matcher = topics.NOTHING,
) -> Labels:
    """
    Judge one text. Never raises on any string.

    `lang_hint` is the platform's tag, in any spelling; `rating` is 1 to 5
    stars and counts as evidence even without text. `vocabulary` has the
    brand's places and products. Handles and links change nothing. A text with
    nothing in it to judge gets `UNLABELLED`.
    """
    passage = read(text or "")
    if not passage.words and not passage.questions and rating is None:
        return UNLABELLED
    spoken = language.detect(passage, lang_hint)
    hits = match.read_cues(passage, _languages(spoken))
    labels = _judge(match.Reading(passage, hits, private=private, rating=rating), spoken)
    return replace(labels, topics=topics.judge(passage, vocabulary))


def _judge(reading: match.Reading, spoken: Label[str]) -> Labels:
    mood = tone.judge(reading)
    noisy = noise.judge(reading)
    is_noise = noisy.value is Noise.NOISE
    why = Label(Reason.NONE, noisy.score, noisy.words) if is_noise else reason.judge(reading, mood)
    return Labels(
        sentiment=mood.label,
        reason=why,
        urgency=Label(Urgency.LOW, noisy.score, noisy.words) if is_noise else urgency.judge(reading, mood, why),
        language=spoken,
        noise=noisy,
        needs_reply=verdicts.needs_reply(reading, mood, why, noisy),
        complaint=verdicts.complaint(reading, mood, noisy),
        engine=ENGINE,
        aspects=() if is_noise else aspects.judge(reading, mood),
    )


def _languages(spoken: Label[str]) -> frozenset[str]:
    """Which word lists apply: all if the language is unknown, and English too unless it is sure."""
    if spoken.value == UNDETERMINED:
        return LANGUAGES
    sure = spoken.value in LANGUAGES and spoken.score >= _SURE_OF_LANGUAGE
    return frozenset({spoken.value} if sure else {spoken.value, "en"}) & LANGUAGES
