"""
What a word or phrase can point to.

Cues on one axis compete: where two overlap in a text the longer one wins, so
that "can't complain" is praise and neither a negation nor a complaint.
"""

from enum import Enum


class Axis(Enum):
    """Groups of cues of which one stretch of text can carry only one."""

    EVERY = "every"
    TONE = "tone"
    SHADE = "shade"
    PURPOSE = "purpose"
    PERSON = "person"
    ALARM = "alarm"
    TIME = "time"
    NOISE = "noise"
    IRONY = "irony"


class Cue(Enum):
    """One kind of evidence: its name and the axis on which it competes."""

    IDIOM = ("idiom", Axis.EVERY)  # means nothing here, and hides what its words would mean alone

    SUPERB = ("superb", Axis.TONE)
    GOOD = ("good", Axis.TONE)
    THANKS = ("thanks", Axis.TONE)
    MENDED = ("mended", Axis.TONE)  # a trouble that is over
    PROBLEM = ("problem", Axis.TONE)  # something failed; no opinion is needed to say so
    BAD = ("bad", Axis.TONE)
    AWFUL = ("awful", Axis.TONE)
    SCORN = ("scorn", Axis.TONE)  # sarcasm by its very form: "thanks for nothing"
    NOT = ("not", Axis.TONE)
    PLAIN = ("plain", Axis.TONE)  # has the shape of another cue of tone, and none of its meaning

    VERY = ("very", Axis.SHADE)
    BARELY = ("barely", Axis.SHADE)
    BUT = ("but", Axis.SHADE)

    QUESTION = ("question", Axis.PURPOSE)  # opens a sentence that is a question even without its mark
    REQUEST = ("request", Axis.PURPOSE)
    COURTESY = ("courtesy", Axis.PURPOSE)  # has the shape of a request and is none: "thanks for your help"
    RHETORICAL = ("rhetorical", Axis.PURPOSE)  # asks for nothing
    SPREAD = ("spread", Axis.PURPOSE)

    OWN = ("own", Axis.PERSON)  # the author's own order, flight, account
    SELF = ("self", Axis.PERSON)
    YOU = ("you", Axis.PERSON)

    DANGER = ("danger", Axis.ALARM)
    VULNERABLE = ("vulnerable", Axis.ALARM)  # serious only together with something that blocks
    STUCK = ("stuck", Axis.ALARM)
    MONEY = ("money", Axis.ALARM)
    LOCKED_OUT = ("locked_out", Axis.ALARM)
    DOWN = ("down", Axis.ALARM)
    LEAVING = ("leaving", Axis.ALARM)
    THREAT = ("threat", Axis.ALARM)  # of court, press or regulator, never of violence
    NOW = ("now", Axis.TIME)
    NO_HURRY = ("no_hurry", Axis.TIME)

    IRONIC = ("ironic", Axis.IRONY)  # praise that is often meant the other way round
    SINCERE = ("sincere", Axis.IRONY)  # makes praise beside trouble honest: "despite", "for fixing"
    WINK = ("wink", Axis.IRONY)

    SPAM = ("spam", Axis.NOISE)
    SPAM_HINT = ("spam_hint", Axis.NOISE)  # two of them make spam

    __hash__ = object.__hash__  # each is one of a kind; the one of Enum is called a thousand times for a text

    @property
    def axis(self) -> Axis:
        """Where it competes."""
        return self.value[1]
