"""
The judgement of word lists alone.

The models take it as evidence beside the words themselves; for languages that
they have not learned, and where their weights are missing, it stands.
"""

from typing import Final

from chalicelib.classify import noise, reason, tone, urgency, verdicts
from chalicelib.classify.match import Reading
from chalicelib.domain.labels import Label, Labels, Noise, Reason, Urgency

ENGINE: Final = "rules-1"


def judge(reading: Reading, spoken: Label[str], danger: Label[Urgency] | None) -> Labels:
    """Labels of a text that has words or stars. Danger is no spam, whatever stands around it."""
    mood = tone.judge(reading)
    noisy = Label(Noise.SIGNAL, danger.score) if danger else noise.judge(reading)
    is_noise = noisy.value is Noise.NOISE
    why = Label(Reason.NONE, noisy.score, noisy.words) if is_noise else reason.judge(reading, mood)
    return Labels(
        sentiment=mood.label,
        reason=why,
        urgency=danger or _urgency(reading, mood, why, noisy),
        language=spoken,
        noise=noisy,
        needs_reply=verdicts.needs_reply(reading, mood, why, noisy),
        complaint=verdicts.complaint(reading, mood, noisy),
        engine=ENGINE,
    )


def _urgency(reading: Reading, mood: tone.Tone, why: Label[Reason], noisy: Label[Noise]) -> Label[Urgency]:
    if noisy.value is Noise.NOISE:
        return Label(Urgency.LOW, noisy.score, noisy.words)
    return urgency.judge(reading, mood, why)


def marks(reading: Reading, labels: Labels) -> list[str]:
    """What was found, as names of features: each cue, turned round where it is negated, and each verdict."""
    cues = [f"{hit.cue.value[0]}{'!' if tone.negated(reading, hit) else ''}" for hit in reading.every()]
    verdict_names = [
        f"sentiment {labels.sentiment.value}",
        f"reason {labels.reason.value}",
        f"urgency {labels.urgency.value}",
        f"noise {labels.noise.value}",
        f"needs_reply {labels.needs_reply.value}",
        f"complaint {labels.complaint.value}",
    ]
    return [*cues, *verdict_names, *(["question"] if reading.passage.questions else [])]
