"""
Understanding a text: `classify` is all that most of the house knows.

It is the tiny tier: word lists and weighted sums, standard library only, the
same answer every time, work bounded whatever a stranger sends. `encoder` is
the better one, where its weights and numpy are at hand; both answer with the
same `Labels`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from chalicelib.classify import aspects, decide, features, language, linear, match, rules, tone, topics, urgency
from chalicelib.classify.coverage import LEARNED, Coverage, cover, doubted
from chalicelib.classify.lexicon import LANGUAGES
from chalicelib.classify.normalise import HANDLE, prepare
from chalicelib.classify.tokens import JudgedPart, read
from chalicelib.domain.labels import UNDETERMINED, UNLABELLED, Label, Labels, Noise, Urgency

__all__ = ["ENGINE", "LEARNED", "Look", "classify", "look"]

ENGINE: Final = "linear-1"
_SURE_OF_LANGUAGE: Final = 0.7


def classify(
    text: str | None,
    *,
    lang_hint: str | None = None,
    private: bool = False,
    rating: int | None = None,
    addressed: bool = True,
    vocabulary: topics.Matcher = topics.NOTHING,
) -> Labels:
    """
    Judge one text. Never raises on any string.

    `lang_hint` is the platform's tag, in any spelling; `rating` is 1 to 5
    stars and counts as evidence even without text. `addressed` says that it
    was written to a brand or about one, as all that Earshot hears is: then a
    handle in the text says nothing new. `vocabulary` has the brand's places
    and products. A text with nothing in it to judge gets `UNLABELLED`.
    """
    seen = look(text or "", lang_hint=lang_hint, private=private, rating=rating, addressed=addressed)
    if seen is None:
        return UNLABELLED
    labels = seen.labels()
    about = () if labels.noise.value is Noise.NOISE else aspects.judge(seen.reading, tone.judge(seen.reading))
    return replace(labels, aspects=about, topics=topics.judge(seen.reading.passage, vocabulary))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A text with all that the tiny tier found in it. `logits` is None where no model knows its language."""

    prepared: str
    reading: match.Reading
    rules: Labels
    danger: Label[Urgency] | None
    coverage: Coverage
    features: features.SeenWords | None
    logits: linear.Logits | None
    temperature: Mapping[str, float]

    def labels(self) -> Labels:
        """The tiny tier's judgement."""
        model, seen = linear.model(), self.features
        if model is None or seen is None or self.logits is None:
            return doubted(self.rules, self.coverage)
        found = decide.probabilities(self.logits, self.temperature, self.reading.rating)
        evidence = self.evidence(found, lambda head, at: model.shares(seen, head, at))
        return decide.labels(replace(evidence, alarm=decide.ALARM_OF_TRIAGE), ENGINE)

    def evidence(self, found: decide.Probabilities, shares: decide.Shares) -> decide.LabelEvidence:
        """What a decision rests on, with the probabilities of whoever decides."""
        return decide.LabelEvidence(
            reading=self.reading,
            rules=self.rules,
            danger=self.danger,
            coverage=self.coverage,
            found=found,
            shares=shares,
        )


def look(text: str, *, lang_hint: str | None, private: bool, rating: int | None, addressed: bool = True) -> Look | None:
    """None for a text with nothing in it to judge."""
    passage = read(text)
    if not passage.words and not passage.questions and rating is None:
        return None
    spoken = language.detect(passage, lang_hint)
    languages = _languages(spoken)
    reading = match.Reading(passage, match.read_cues(passage, languages), private=private, rating=rating)
    danger = urgency.danger(reading) or _danger_left_out(passage, languages)
    by_rules, model = rules.judge(reading, spoken, danger), linear.model()
    coverage = cover(reading, spoken, by_rules)
    prepared = prepare(passage.source)
    if addressed and HANDLE not in prepared:
        prepared = f"{HANDLE} {prepared}"
    seen = logits = None
    if model is not None and coverage.is_learned:
        seen = features.see(prepared, rules.marks(reading, by_rules))
        logits = model.logits(seen)
    return Look(
        prepared=prepared,
        reading=reading,
        rules=by_rules,
        danger=danger,
        coverage=coverage,
        features=seen,
        logits=logits,
        temperature=model.about["temperature"] if model else {},
    )


def _danger_left_out(passage: JudgedPart, languages: frozenset[str]) -> Label[Urgency] | None:
    """What the middle of a long text says of danger."""
    if not passage.left_out:
        return None
    found = map(urgency.danger, match.alarms_left_out(passage, languages))
    return next(filter(None, found), None)


def _languages(spoken: Label[str]) -> frozenset[str]:
    """Which word lists apply: all if the language is unknown, and English too unless it is sure."""
    if spoken.value == UNDETERMINED:
        return LANGUAGES
    sure = spoken.value in LANGUAGES and spoken.score >= _SURE_OF_LANGUAGE
    return frozenset({spoken.value} if sure else {spoken.value, "en"}) & LANGUAGES
