"""The two yes-or-no questions: is it a complaint, and does it want a reply."""

from typing import Final

from chalicelib.classify.confidence import confidence
from chalicelib.classify.match import Reading
from chalicelib.classify.reason import requests
from chalicelib.classify.tone import Tone
from chalicelib.domain.labels import Label, Noise, Reason, Sentiment, Verdict

_TOO_CLOSE: Final = 0.5
_BAD_STARS: Final = 2


def complaint(reading: Reading, tone: Tone, noise: Label[Noise]) -> Label[Verdict]:
    """A breach of what the author expected: trouble that weighs more than any praise beside it."""
    if noise.value is Noise.NOISE:
        return Label(Verdict.NO, noise.score, noise.words)
    sentiment = tone.label
    if sentiment.value is Sentiment.NEGATIVE:
        verdict = Verdict.YES if sentiment.score >= _TOO_CLOSE else Verdict.UNSURE
        return Label(verdict, sentiment.score, sentiment.words)
    if tone.trouble:
        return Label(Verdict.UNSURE, 0.5, reading.quote(tone.trouble_hits))
    return Label(Verdict.NO, sentiment.score, sentiment.words)


def needs_reply(reading: Reading, tone: Tone, reason: Label[Reason], noise: Label[Noise]) -> Label[Verdict]:
    """Yes for an open question, request or problem and for any displeasure; no for praise, news and noise."""
    if noise.value is Noise.NOISE:
        return Label(Verdict.NO, noise.score, noise.words)
    if reason.value in {Reason.ASSISTANCE, Reason.VENT}:
        return Label(Verdict.YES, max(reason.score, 0.6), reason.words)
    if tone.label.value is Sentiment.NEGATIVE:
        return Label(Verdict.YES, tone.label.score, tone.label.words)
    asked = requests(reading)
    if asked or tone.trouble or reading.private:
        return Label(Verdict.UNSURE, 0.5, reading.quote(asked or tone.trouble_hits))
    return Label(Verdict.NO, max(confidence(0.5), reason.score), reason.words)
