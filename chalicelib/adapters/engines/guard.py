"""
What an engine must keep to, enforced from outside: its time, its errors, and labels that are legal.

Every engine is asked through `Guarded`, the one that ships as well as those
that a stranger's text may have talked into something.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Final, TypeVar

from chalicelib.domain.labels import Aspect, Label, Labels
from chalicelib.ports.engines import Engine, EngineError, EngineTooSlow, Passage, Unusable

MOST_WORDS: Final = 8  # for one label
LONGEST_WORD: Final = 120  # characters of one piece of evidence
MOST_ASPECTS: Final = 10
_MARGIN: Final = 0.95  # of the limit: who keeps to it by itself may hand over what is done

V = TypeVar("V", bound=str)
Answer = Sequence[Labels | None] | BaseException


class Guarded:
    """
    Satisfies `ports.engines.Engine` with whatever `engine` does.

    It works on a thread of its own. One that does not come back in time is
    waited for no longer, and asked nothing more until it has come back.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._back = Event()  # set while nothing is being judged: a thread lives on for a moment after its answer
        self._back.set()

    @property
    def name(self) -> str:
        return self._engine.name

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:
        answer = self._in_time(lambda: self._engine.judge(passages, limit_s=limit_s * _MARGIN), limit_s)
        if isinstance(answer, EngineError):
            raise answer
        if isinstance(answer, BaseException):  # its message may quote the text
            raise Unusable(type(answer).__name__) from None
        if not isinstance(answer, Sequence) or len(answer) != len(passages):
            raise Unusable("not one answer for each text")
        return [_legal(labels, passage.text) for labels, passage in zip(answer, passages, strict=True)]

    def _in_time(self, call: Callable[[], Sequence[Labels | None]], limit_s: float) -> Answer:
        if not self._back.is_set():
            raise EngineTooSlow("not back from the last time")
        answers: SimpleQueue[Answer] = SimpleQueue()
        back = self._back = Event()

        def work() -> None:
            answer: Answer
            try:
                answer = call()
            except BaseException as error:  # noqa: BLE001  handed over
                answer = error
            back.set()
            answers.put(answer)

        Thread(target=work, daemon=True).start()
        try:
            return answers.get(timeout=limit_s)
        except Empty:
            raise EngineTooSlow(f"no answer within {limit_s:g} s") from None


def _legal(labels: object, text: str) -> Labels | None:
    """Labels whose words stand in the text; None for what is no labels."""
    if not isinstance(labels, Labels):
        return None
    plain = Labels.from_plain(labels.to_plain())  # unknown values and scores out of bounds are gone
    return replace(
        plain,
        sentiment=_shown(plain.sentiment, text),
        reason=_shown(plain.reason, text),
        urgency=_shown(plain.urgency, text),
        language=_shown(plain.language, text),
        noise=_shown(plain.noise, text),
        needs_reply=_shown(plain.needs_reply, text),
        complaint=_shown(plain.complaint, text),
        aspects=tuple(Aspect(one.name, _shown(one.sentiment, text)) for one in plain.aspects[:MOST_ASPECTS]),
    )


def _shown(label: Label[V], text: str) -> Label[V]:
    words = dict.fromkeys(word for word in label.words if word and len(word) <= LONGEST_WORD and word in text)
    return replace(label, words=tuple(words)[:MOST_WORDS])
