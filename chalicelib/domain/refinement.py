"""
Two judgements on one text: what a better engine may change (ADR 24), and which of two deliveries' labels stand.

Urgency only rises, and what was urgent is never noise: whoever writes the
text also writes what an engine reads, and must not be able to talk it down.
"""

from dataclasses import replace
from typing import Any, Final, TypeVar

from chalicelib.domain.labels import UNDETERMINED, UNLABELLED, Label, Labels, Noise, Sentiment, Urgency, Verdict

OVER: Final = "+"  # between the engines that judged, the last one first: "comprehend+rules-1"

V = TypeVar("V", bound=str)


def is_urgent(labels: Labels) -> bool:
    return labels.urgency.value.rank >= Urgency.HIGH.rank


def refined(first: Labels, better: Labels) -> Labels:
    """
    What `first` says, where the better engine knows no better.

    A label of score 0 was not judged and changes nothing. Noise that was
    urgent before is no judgement to rely on, and is left out whole.
    """
    is_noise = better.noise.value is Noise.NOISE and better.noise.score > 0
    if is_noise and is_urgent(first):
        return first
    labels = Labels(
        sentiment=_taken(first.sentiment, better.sentiment),
        reason=_taken(first.reason, better.reason),
        urgency=first.urgency if is_noise else _raised(first.urgency, better.urgency),
        language=first.language if better.language.value == UNDETERMINED else _taken(first.language, better.language),
        noise=_taken(first.noise, better.noise),
        needs_reply=_taken(first.needs_reply, better.needs_reply),
        complaint=_taken(first.complaint, better.complaint),
        engine=f"{better.engine}{OVER}{first.engine}",
        aspects=better.aspects or first.aspects,
        topics=better.topics or first.topics,
    )
    return _doubted(labels, better)


def _taken(first: Label[V], better: Label[V]) -> Label[V]:
    """Who agrees and shows no words leaves those that were found before."""
    if better.score <= 0:
        return first
    return replace(better, words=first.words) if better.value == first.value and not better.words else better


def _raised(first: Label[Urgency], better: Label[Urgency]) -> Label[Urgency]:
    return better if better.score > 0 and better.value.rank > first.value.rank else first


def _doubted(labels: Labels, better: Labels) -> Labels:
    """
    A plain "no" that no longer goes with the rest becomes "not sure", which goes to a person.

    Nobody is told that an urgent mention needs no reply. Displeasure found
    by an engine that judges nothing else casts doubt on what was judged without it.
    """
    displeased = labels.sentiment.value is Sentiment.NEGATIVE and better.sentiment.score > 0
    reply = is_urgent(labels) or (displeased and better.needs_reply.score <= 0)
    complaint = displeased and better.complaint.score <= 0
    if labels.noise.value is Noise.NOISE:
        return labels
    return replace(
        labels,
        needs_reply=_unsure(labels.needs_reply) if reply else labels.needs_reply,
        complaint=_unsure(labels.complaint) if complaint else labels.complaint,
    )


def _unsure(label: Label[Verdict]) -> Label[Verdict]:
    return Label(Verdict.UNSURE, 0.5) if label.value is Verdict.NO else label


# --- two deliveries of one text --------------------------------------------------------------------------------


def joined(one: Labels, other: Labels) -> Labels:
    """
    One judgement out of two on the same text; commutative, associative and idempotent.

    Engines may have been asked for one delivery and not for the other. More
    of them know more; urgency only rises, and a signal is never noise again.
    The three are compared apart from each other: that makes the order of any
    number of deliveries mean nothing.
    """
    base = max(one, other, key=_knowledge)
    return replace(
        base,
        urgency=max(one.urgency, other.urgency, key=lambda label: (label.value.rank, label.score, repr(label))),
        noise=max(one.noise, other.noise, key=lambda label: (label.value is Noise.SIGNAL, label.score, repr(label))),
    )


def _knowledge(labels: Labels) -> tuple[Any, ...]:
    apart = replace(labels, urgency=UNLABELLED.urgency, noise=UNLABELLED.noise)
    return (labels.engine.count(OVER), repr(apart))
