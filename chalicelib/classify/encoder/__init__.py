"""
The better tier: one small encoder with a head for each question, in numpy.

Its weights and numpy are in a Lambda layer that only the casework functions
have. Where they are missing `load` says so, and the tiny tier's judgement
stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chalicelib.classify import Look, decide, look
from chalicelib.domain.labels import UNLABELLED, Labels
from chalicelib.ports.engines import Passage

if TYPE_CHECKING:
    from chalicelib.classify.encoder.network import EncoderAnswer, Network
    from chalicelib.classify.encoder.wordpiece import Pieces, WordPiece

ENGINE: Final = "encoder-1"
PACKAGE: Final = "earshot_encoder"  # the layer's folder on the path of modules, with the files below
WEIGHTS: Final = "encoder.npz"
WORDS: Final = "vocab.txt"
ABOUT: Final = "about.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What is to be judged, as for `classify`."""

    text: str
    lang_hint: str | None = None
    private: bool = False
    rating: int | None = None
    addressed: bool = True

    def look(self) -> Look | None:
        """What the tiny tier finds in it; None where there is nothing to judge."""
        return look(
            self.text,
            lang_hint=self.lang_hint,
            private=self.private,
            rating=self.rating,
            addressed=self.addressed,
        )


@dataclass(slots=True)
class _Read:
    """A text on its way: `pieces` and `answer` stay away where the network is not asked."""

    look: Look | None
    pieces: "Pieces | None" = None
    answer: "EncoderAnswer | None" = None


class Encoder:
    """Loaded once for each process; `labels` changes nothing."""

    def __init__(self, network: "Network", pieces: "WordPiece", about: Mapping[str, Any]) -> None:
        self._network, self._pieces = network, pieces
        self._temperature: Mapping[str, float] = about["temperature"]
        self._mixed: Mapping[str, float] = about["mixed"]

    name = ENGINE

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> list[Labels | None]:  # noqa: ARG002
        """
        As `ports.engines.Engine`: None where a text's language is not learned.

        A batch of a worker takes well under `limit_s`, and cannot be stopped half-way.
        """
        texts = [
            Text(text=one.text, lang_hint=one.lang_hint, private=one.private, rating=one.rating) for one in passages
        ]
        return [found if found.engine == ENGINE else None for found in self.labels(texts)]

    def labels(self, texts: Sequence[Text]) -> list[Labels]:
        """One for each, in their order. Never raises on any string; a language not learned keeps its word lists."""
        return [self._labels(one) for one in self._read(texts)]

    def logits(self, texts: Sequence[Text]) -> list[Mapping[str, Sequence[float]] | None]:
        """Before any temperature and threshold; None where `labels` does not ask the network."""
        return [self._logits(one.look, one.answer) if one.look and one.answer else None for one in self._read(texts)]

    def _read(self, texts: Sequence[Text]) -> list["_Read"]:
        """All texts go through the network together."""
        found = [_Read(one.look()) for one in texts]
        known = [one for one in found if one.look and one.look.coverage.is_learned and one.look.prepared]
        for one in known:
            one.pieces = self._pieces.pieces(one.look.prepared if one.look else "")
        answers = self._network.answer([one.pieces.ids for one in known if one.pieces]) if known else []
        for one, answer in zip(known, answers, strict=True):
            one.answer = answer
        return found

    def _labels(self, one: "_Read") -> Labels:
        if one.look is None:
            return UNLABELLED
        return self._judged(one.look, one.pieces, one.answer) if one.pieces and one.answer else one.look.labels()

    def _judged(self, seen: Look, pieces: "Pieces", answer: "EncoderAnswer") -> Labels:
        found = decide.probabilities(self._logits(seen, answer), self._temperature, seen.reading.rating)

        def shares(head: str, at: int) -> decide.Share:
            return _by_word(pieces, answer.shares[head], at)

        return decide.labels(seen.evidence(found, shares), ENGINE)

    def _logits(self, seen: Look, answer: "EncoderAnswer") -> dict[str, list[float]]:
        """The encoder's, with a part of the tiny tier's: each errs in its own way."""
        found = {head: values.tolist() for head, values in answer.logits.items()}
        for head, part in self._mixed.items():
            if seen.logits is not None:
                pairs = zip(found[head], seen.logits[head], strict=True)
                found[head] = [own + part * other for own, other in pairs]
        return found


def _by_word(pieces: "Pieces", shares: Any, at: int) -> list[tuple[float, str]]:
    """Against the mean of all classes; pieces of one word together."""
    against = (shares[:, at] - shares.mean(axis=1)).tolist()
    found: dict[tuple[int, int], float] = {}
    for span, share in zip(pieces.spans, against, strict=True):
        if span is not None:
            found[span] = found.get(span, 0.0) + share
    return [(share, pieces.text[first:last]) for (first, last), share in found.items()]


@cache
def load(folder: Path | None = None) -> Encoder | None:
    """From `folder`, else from the layer. None where weights or numpy are missing, or do not belong together."""
    folder = folder or _layer()
    if folder is None or find_spec("numpy") is None:
        return None
    import json

    from chalicelib.classify.encoder.network import Network
    from chalicelib.classify.encoder.wordpiece import WordPiece

    words = WordPiece((folder / WORDS).read_text(encoding="utf-8").splitlines())
    return Encoder(Network(folder / WEIGHTS), words, json.loads((folder / ABOUT).read_text()))


def _layer() -> Path | None:
    spec = find_spec(PACKAGE)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places and (Path(places[0]) / WEIGHTS).is_file() else None
