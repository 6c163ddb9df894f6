"""
What the classifiers learn from, and what they are measured on.

Research sets are read from a folder that is not part of the project; their
texts are never copied. Our own annotations of some of their rows are kept
under a hash of the text. `invented/` holds texts written for this purpose.
`docs/model-card.md` lists every set with its licence.
"""

import csv
import hashlib
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "sentiment": ("negative", "neutral", "positive"),
    "intent": ("assistance", "praise", "vent", "share", "spread", "none"),
    "urgency": ("low", "normal", "high", "critical"),
    "needs_reply": ("no", "yes"),
    "complaint": ("no", "yes"),
    "noise": ("signal", "noise"),
    "irony": ("no", "yes"),  # helps to learn sarcasm; not shipped
}
CARE_TIMES: Final = 2  # how often an epoch shows a row that has labels of care
LANGUAGES: Final = ("french", "german", "italian", "portuguese", "spanish")


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what is known of it: for each head the number of its class. `source` is the set it stems from."""

    text: str
    labels: Mapping[str, int] = field(default_factory=dict)
    source: str = ""


def label(**values: str) -> dict[str, int]:
    """Numbers of classes; an empty value is not known."""
    return {head: HEADS[head].index(value) for head, value in values.items() if value}


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV with a header."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def key(text: str) -> str:
    """What an annotation is kept under."""
    return hashlib.sha256(re.sub(r"\W+", " ", text.lower()).strip().encode()).hexdigest()[:16]


# --- training ----------------------------------------------------------------------------------------------------


def tweets(data: Path) -> list[Example]:
    """TweetEval sentiment, rebuilt from SemEval-2017 task 4A."""
    return _numbered(data / "tweeteval-sentiment" / "train.csv", "sentiment", "tweeteval-sentiment")


def irony(data: Path) -> list[Example]:
    """TweetEval irony."""
    return _numbered(data / "tweeteval-irony" / "train.csv", "irony", "tweeteval-irony")


def annotated(data: Path) -> list[Example]:
    """Rows of several sets that were annotated for care, by the definitions in the model card."""
    known = {row["key"]: row for row in rows(HERE / "annotations.csv")}
    texts = {key(text): text for text in _annotated_texts(data)}
    return [Example(texts[found], care(row), row["source"]) for found, row in known.items() if found in texts]


def complaints(data: Path) -> list[Example]:
    """Complaint or not, by Preoţiuc-Pietro et al. (2019)."""
    found = rows(data / "complaints" / "train.csv")
    return [Example(row["text"], {"complaint": int(row["label"])}, "complaints") for row in found]


def reviews(data: Path) -> list[Example]:
    """Sentences of reviews, praise or not."""
    found = rows(data / "review-sentences" / "train.csv")
    return [Example(row["text"], {"sentiment": 2 * int(row["label"])}, "review-sentences") for row in found]


def messages(data: Path) -> list[Example]:
    """Text messages, spam or not; only part of the wanted ones, which are chat among friends."""
    found = [Example(row["text"], {"noise": int(row["label"] == "spam")}, "sms-spam") for row in rows(_sms(data))]
    spam = [one for one in found if one.labels["noise"]]
    return spam + random.Random(0).sample([one for one in found if not one.labels["noise"]], len(spam))


def invented(data: Path | None = None) -> list[Example]:  # noqa: ARG001  the one source that is ours
    """Texts invented for this project, with labels of care."""
    found = [row for path in sorted((HERE / "invented").glob("*.csv")) for row in rows(path)]
    return [Example(row["text"], care(row), "invented") for row in found]


def languages(data: Path) -> list[Example]:
    """Tweets in other languages (UMSAB), for the linear tier alone."""
    found = []
    for language in LANGUAGES:
        found += _numbered(data / "umsab-multilingual" / f"{language}_train.csv", "sentiment", "umsab-multilingual")
    return found


SOURCES: Final[Mapping[str, tuple[Callable[[Path], list[Example]], int]]] = {
    "tweeteval-sentiment": (tweets, 1),
    "tweeteval-irony": (irony, 1),
    "complaints": (complaints, 1),
    "review-sentences": (reviews, 1),
    "sms-spam": (messages, 1),
    "annotated": (annotated, CARE_TIMES),
    "invented": (invented, CARE_TIMES),
}


def training(data: Path, leave_out: Sequence[str] = ()) -> list[Example]:
    """One epoch, in no order. `leave_out` names sources, for whoever may not use one."""
    return [
        example
        for name, (read, times) in SOURCES.items()
        if name not in leave_out
        for example in read(data) * times
        if example.source not in leave_out
    ]


# --- measuring ---------------------------------------------------------------------------------------------------


def validation(data: Path) -> dict[str, list[Example]]:
    """What training may look at to choose between its states; never a test split."""
    seed = rows(data / "care-labels" / "seed_train.csv")
    return {
        "tweets": _numbered(data / "tweeteval-sentiment" / "val.csv", "sentiment", "tweeteval-sentiment"),
        "care": [Example(row["text"], care(row), row["source"]) for row in seed],
    }


def unlabelled(data: Path) -> Iterator[str]:
    """Texts from which the linear tier learns what the encoder says of them. None of any test split."""
    for example in training(data):
        yield example.text
    yield from (row["text"] for row in rows(data / "tweeteval-offensive" / "train.csv"))
    yield from (row["text"] for row in rows(data / "tweeteval-emotion" / "train.csv"))
    yield from (row["text"] for row in rows(data / "brand-emotion" / "train.csv"))
    yield from (row["text"] for row in rows(data / "banking77" / "train.csv"))
    yield from (row["text"] for row in rows(data / "semeval-absa" / "restaurants_categories_train.csv"))


def _numbered(path: Path, head: str, source: str) -> list[Example]:
    return [Example(row["text"], {head: int(row["label"])}, source) for row in rows(path)]


def care(row: Mapping[str, str]) -> dict[str, int]:
    """The labels of care in a row of a CSV, as far as it has them."""
    heads = ("sentiment", "intent", "urgency", "needs_reply", "complaint", "noise")
    return label(**{head: row.get(head, "") for head in heads})


def _sms(data: Path) -> Path:
    return data / "sms-spam" / "train.csv"


def _annotated_texts(data: Path) -> Iterator[str]:
    for path in (
        "care-conversations/client_messages_unlabelled.csv",
        "complaints/train.csv",
        "review-sentences/train.csv",
        "semeval-absa/restaurants_categories_train.csv",
        "tweeteval-sentiment/train.csv",
        "brand-emotion/train.csv",
    ):
        yield from (row["text"].strip() for row in rows(data / path))
