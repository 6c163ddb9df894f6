"""
Amazon Comprehend: sentiment in twelve languages, and which language it is (API version 2017-11-27).

Quotas: https://docs.aws.amazon.com/comprehend/latest/dg/guidelines-and-limits.html
It judges nothing else, so all other labels stay as they were. A batch costs
as much as its texts one by one; it saves calls, of which there are few a second.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from chalicelib.adapters.engines.calls import errors
from chalicelib.domain.labels import UNDETERMINED, UNLABELLED, Label, Labels, Sentiment
from chalicelib.ports.engines import EngineError, Passage

LANGUAGES: Final = frozenset({"ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "pt", "zh"})
MOST_BYTES: Final = 5_000
MOST_TEXTS: Final = 25
_TRADITIONAL: Final = ("zh-tw", "zh-hant", "zh-hk", "zh-mo")
_SURE: Final = 0.7  # of a language: to ask again costs as much as the sentiment itself


@dataclass(slots=True)
class _Page:
    """What is known of one batch while it is put together. `languages` are Comprehend's codes."""

    texts: Sequence[str]
    languages: dict[int, str] = field(default_factory=dict)
    found: dict[int, Labels] = field(default_factory=dict)


class Comprehend:
    """`client` is a botocore client that tries once."""

    name = "comprehend"

    def __init__(self, client: Any) -> None:
        self._client = client

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:
        """What one language's batch does not answer takes nothing from the others."""
        until = time.monotonic() + limit_s
        page = _Page([_cut(passage.text) for passage in passages])
        failure: EngineError | None = None
        for step in self._steps(passages, page):
            if time.monotonic() >= until:
                break
            try:
                step()
            except EngineError as error:
                failure = error
        if failure and not page.found:
            raise failure
        return [page.found.get(place) for place in range(len(passages))]

    def _steps(self, passages: Sequence[Passage], page: _Page) -> Iterator[Any]:
        """One call each: languages first, then the sentiment of each language."""
        places = [place for place, text in enumerate(page.texts) if text.strip()]
        page.languages.update((place, code) for place in places if (code := _known(passages[place])))
        for some in _batches([place for place in places if place not in page.languages]):
            yield lambda some=some: self._find_languages(some, page)
        for code in sorted(set(page.languages.values())):
            if code.partition("-")[0] in LANGUAGES:
                for some in _batches([place for place, spoken in page.languages.items() if spoken == code]):
                    yield lambda some=some, code=code: self._find_sentiment(some, code, page)

    def _find_languages(self, places: Sequence[int], page: _Page) -> None:
        with errors():
            answer = self._client.batch_detect_dominant_language(TextList=[page.texts[place] for place in places])
            for place, result in _results(places, answer):
                best = max(result["Languages"], key=lambda one: one["Score"], default=None)
                if best:
                    page.languages[place] = best["LanguageCode"]
                    label = Label(best["LanguageCode"].partition("-")[0], round(float(best["Score"]), 3))
                    page.found[place] = replace(_nothing(), language=label)

    def _find_sentiment(self, places: Sequence[int], code: str, page: _Page) -> None:
        with errors():
            answer = self._client.batch_detect_sentiment(
                TextList=[page.texts[place] for place in places], LanguageCode=code
            )
            for place, result in _results(places, answer):
                labels = page.found.get(place, _nothing())
                page.found[place] = replace(labels, sentiment=_sentiment(result["SentimentScore"]))


def _nothing() -> Labels:
    return replace(UNLABELLED, engine=Comprehend.name)


def _known(passage: Passage) -> str | None:
    """The language as Comprehend calls it, where it is known well enough."""
    spoken = passage.labels.language
    if spoken.value == UNDETERMINED or spoken.score < _SURE:
        return None
    hint = (passage.lang_hint or "").lower().replace("_", "-")
    return "zh-TW" if spoken.value == "zh" and hint.startswith(_TRADITIONAL) else spoken.value


def _results(places: Sequence[int], answer: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """A text that is in `ErrorList` has no result."""
    for result in answer["ResultList"]:
        yield places[result["Index"]], result


def _sentiment(scores: Mapping[str, float]) -> Label[Sentiment]:
    """
    Our three of its four: what is mixed counts half for either side.

    A text that is as much the one as the other is negative: somebody should look.
    """
    half = scores["Mixed"] / 2
    sides = {
        Sentiment.NEGATIVE: scores["Negative"] + half,
        Sentiment.POSITIVE: scores["Positive"] + half,
        Sentiment.NEUTRAL: scores["Neutral"],
    }
    value = max(sides, key=lambda side: sides[side])
    return Label(value, round(min(sides[value], 1.0), 3))


def _cut(text: str) -> str:
    """At most 5,000 bytes, whole characters, and nothing that UTF-8 cannot say."""
    return text.encode("utf-8", "replace")[:MOST_BYTES].decode("utf-8", "ignore")


def _batches(places: Sequence[int]) -> Iterator[Sequence[int]]:
    return (places[begin : begin + MOST_TEXTS] for begin in range(0, len(places), MOST_TEXTS))
