"""
From probabilities to labels: thresholds, the rules' say, and the words that drove each.

Both trained tiers end here, so they differ only in how well they know. A
probability decides; where it is too close, the yes-or-no questions answer
"unsure", which goes to a person. What the rules are certain of, and a model
may never have seen, is a floor: danger is not voted down.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Final, TypeVar

from chalicelib.classify.coverage import Coverage, doubted
from chalicelib.classify.language import is_small
from chalicelib.classify.match import Reading
from chalicelib.classify.tokens import MOST_SKIMMED, JudgedPart
from chalicelib.domain.labels import Label, Labels, Noise, Reason, Sentiment, Urgency, Verdict

CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "intent": ("assistance", "praise", "vent", "share", "spread", "none"),
    "urgency": ("low", "normal", "high", "critical"),
    "needs_reply": ("no", "yes"),
    "complaint": ("no", "yes"),
    "noise": ("signal", "noise"),
}
MOST_WORDS: Final = 4
_WORTH_NAMING: Final = 0.5  # of the strongest word's share, from which another word is named beside it
# What is said for want of anything better has no words that drove it.
_FOR_WANT: Final[Mapping[str, frozenset[int]]] = {
    "sentiment": frozenset({1}),
    "intent": frozenset({5}),
    "urgency": frozenset({0, 1}),
    "needs_reply": frozenset({0}),
    "complaint": frozenset({0}),
}
# An answer that is not needed costs a glance, a customer who is passed over costs more: so much suffices for a yes.
_YES: Final = 0.55
_NO: Final = 0.30
_NOISE: Final = 0.85  # a customer behind a wall of noise is lost
# High and critical together, from which it is one of the two. What triage calls urgent nobody can lower again, and the
# better tier comes behind it: so the tiny one may be less ready to say it.
ALARM: Final = 0.38
ALARM_OF_TRIAGE: Final = 0.5
_CRITICAL: Final = 0.6  # of those two
_BELIEVED: Final = 0.08  # what the model must see at least in an alarm of the rules
# Stars are evidence of their own, in logits of negative, neutral and positive.
_STARS: Final = {1: (4.0, 0.0, -2.0), 2: (2.5, 0.5, -1.0), 3: (0.0, 1.0, 0.0), 4: (-1.0, 0.0, 2.0), 5: (-2.0, 0.0, 4.0)}

Share = Sequence[tuple[float, str]]
Shares = Callable[[str, int], Share]  # head and number of a class: what each word adds to it, in order of the text
Probabilities = Mapping[str, Sequence[float]]


def probabilities(
    logits: Mapping[str, Sequence[float]], temperature: Mapping[str, float], rating: int | None
) -> Probabilities:
    """Calibrated by a temperature for each head."""
    found = {head: list(values) for head, values in logits.items()}
    stars = _STARS.get(rating or 0)
    if stars:
        found["sentiment"] = [value + star for value, star in zip(found["sentiment"], stars, strict=True)]
    return {head: softmax([value / temperature.get(head, 1.0) for value in values]) for head, values in found.items()}


def softmax(values: Sequence[float]) -> list[float]:
    """They sum up to 1."""
    top = max(values)
    weights = [exp(value - top) for value in values]
    total = sum(weights)
    return [weight / total for weight in weights]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelEvidence:
    """All that a decision rests on. `danger` is what the word lists are certain of."""

    reading: Reading
    rules: Labels
    danger: Label[Urgency] | None
    coverage: Coverage
    found: Probabilities
    shares: Shares
    alarm: float = ALARM


def labels(evidence: LabelEvidence, engine: str) -> Labels:
    """The judgement; language comes from the rules, which know it by script and small words."""
    noisy = _noise(evidence)
    is_noise = noisy.value is Noise.NOISE
    found = _of_noise(evidence, noisy, engine) if is_noise else _of_signal(evidence, noisy, engine)
    return doubted(found, evidence.coverage)


def _of_signal(evidence: LabelEvidence, noisy: Label[Noise], engine: str) -> Labels:
    return Labels(
        sentiment=_likeliest(evidence, "sentiment", Sentiment, evidence.rules.sentiment),
        reason=_likeliest(evidence, "intent", Reason, evidence.rules.reason),
        urgency=_urgency(evidence),
        language=evidence.rules.language,
        noise=noisy,
        needs_reply=_verdict(evidence, "needs_reply", evidence.rules.needs_reply, private=evidence.reading.private),
        complaint=_verdict(evidence, "complaint", evidence.rules.complaint),
        engine=engine,
    )


def _noise(evidence: LabelEvidence) -> Label[Noise]:
    """Only if the model is sure and no rule speaks of an alarm; or if rules and model lean to it together."""
    likely = evidence.found["noise"][1]
    by_rules = evidence.rules.noise
    alarmed = evidence.rules.urgency.value.rank >= Urgency.HIGH.rank
    if not alarmed and (likely >= _NOISE or (by_rules.value is Noise.NOISE and likely >= 1 - _NOISE)):
        words = _words(evidence, "noise", 1, by_rules.words if by_rules.value is Noise.NOISE else ())
        return Label(Noise.NOISE, _score(max(likely, by_rules.score if by_rules.value is Noise.NOISE else 0)), words)
    return Label(Noise.SIGNAL, _score(1 - likely))


def _of_noise(evidence: LabelEvidence, noisy: Label[Noise], engine: str) -> Labels:
    return Labels(
        sentiment=_likeliest(evidence, "sentiment", Sentiment, evidence.rules.sentiment),
        reason=Label(Reason.NONE, noisy.score, noisy.words),
        urgency=Label(Urgency.LOW, noisy.score, noisy.words),
        language=evidence.rules.language,
        noise=noisy,
        needs_reply=Label(Verdict.NO, noisy.score, noisy.words),
        complaint=Label(Verdict.NO, noisy.score, noisy.words),
        engine=engine,
    )


V = TypeVar("V", Sentiment, Reason)


def _likeliest(evidence: LabelEvidence, head: str, values: type[V], by_rules: Label[V]) -> Label[V]:
    found = evidence.found[head]
    at = max(range(len(found)), key=found.__getitem__)
    value = values(CLASSES[head][at])
    known = by_rules.words if by_rules.value is value else ()
    return Label(value, _score(found[at]), _words(evidence, head, at, known))


def _urgency(evidence: LabelEvidence) -> Label[Urgency]:
    if evidence.danger:
        return evidence.danger
    found, by_rules = evidence.found["urgency"], evidence.rules.urgency
    alarm = found[2] + found[3]
    level = _level(found, alarm, evidence.alarm)
    if by_rules.value.rank > level.rank and by_rules.value.rank >= Urgency.HIGH.rank and alarm >= _BELIEVED:
        return by_rules
    known = by_rules.words if by_rules.value is level else ()
    score = alarm if level is Urgency.HIGH else found[level.rank]
    return Label(level, _score(score), _words(evidence, "urgency", level.rank, known))


def _level(found: Sequence[float], alarm: float, enough: float) -> Urgency:
    """To look too soon costs a glance; to look too late may cost a person: alarms need no more than half."""
    if alarm >= enough:
        return Urgency.CRITICAL if found[3] >= _CRITICAL * alarm else Urgency.HIGH
    return Urgency.NORMAL if found[1] > found[0] else Urgency.LOW


def _verdict(evidence: LabelEvidence, head: str, by_rules: Label[Verdict], *, private: bool = False) -> Label[Verdict]:
    """`private` mentions are written to somebody: they need more for a no."""
    likely = evidence.found[head][1]
    if likely >= _YES:
        return Label(Verdict.YES, _score(likely), _words(evidence, head, 1, _of(by_rules, Verdict.YES)))
    if likely > (_NO / 3 if private else _NO):
        return Label(Verdict.UNSURE, _score(likely), _words(evidence, head, 1, by_rules.words))
    return Label(Verdict.NO, _score(1 - likely), _words(evidence, head, 0, _of(by_rules, Verdict.NO)))


def _of(label: Label[Verdict], value: Verdict) -> tuple[str, ...]:
    return label.words if label.value is value else ()


def _words(evidence: LabelEvidence, head: str, at: int, known: tuple[str, ...]) -> tuple[str, ...]:
    """What the rules quote, else the words with the largest shares, as they stand in the text."""
    if known or at in _FOR_WANT.get(head, ()):
        return known
    return quotes(evidence.reading.passage, evidence.shares(head, at))


def quotes(passage: JudgedPart, shares: Share) -> tuple[str, ...]:
    """The words that weighed most for a class, as they stand in the text; small words say nothing to people."""
    told = [(share, place) for share, place in _placed(passage, shares) if share > 0 and not is_small(place)]
    strongest = sorted(told, key=lambda one: -one[0])[:MOST_WORDS]
    return tuple(dict.fromkeys(word for share, word in strongest if share >= _WORTH_NAMING * strongest[0][0]))


def _placed(passage: JudgedPart, shares: Share) -> Iterator[tuple[float, str]]:
    """Each word as its author wrote it; those that were told in other words, such as emoji, are passed over."""
    lower, at = passage.source.text[:MOST_SKIMMED].lower(), 0
    if len(lower) != len(passage.source.text[:MOST_SKIMMED]):
        return  # a letter that changes its length with its case: places would not fit
    for share, word in shares:
        place = lower.find(word.lower(), at)
        if place >= 0:
            at = place + len(word)
            yield share, passage.source.quote(place, at)


def _score(value: float) -> float:
    return round(min(value, 1.0), 3)
