"""
How well aspects are found: `python -m bench.aspects FILE...`.

A FILE is CSV with the columns `text` and `categories`, such as
"food:positive|service:negative". The data stay where they are.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from bench.report import Table, text
from chalicelib.classify import classify
from chalicelib.domain.labels import AspectName, Sentiment

# What data sets of restaurants call ours. What is not named here is not counted.
SAME: Final[Mapping[str, AspectName]] = {
    "food": AspectName.FOOD,
    "menu": AspectName.FOOD,
    "service": AspectName.STAFF,
    "staff": AspectName.STAFF,
    "price": AspectName.PRICE,
    "ambience": AspectName.PLACE,
    "place": AspectName.PLACE,
}
_CSV = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("files", nargs=-1, required=True, type=_CSV)
def main(files: tuple[Path, ...]) -> None:
    """Precision, recall and polarity for each aspect that the FILES have labels for."""
    for file in files:
        click.echo(f"{text(measure(file.name, rows(file)))}\n")


def rows(file: Path) -> Iterator[tuple[str, Mapping[AspectName, str]]]:
    """Each text with the polarity of its aspects."""
    with file.open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            pairs = (pair.rpartition(":") for pair in row["categories"].split("|") if pair)
            yield row["text"], {SAME[name]: polarity for name, _, polarity in pairs if name in SAME}


def measure(name: str, labelled: Iterable[tuple[str, Mapping[AspectName, str]]]) -> Table:
    counts: Counter[tuple[AspectName, str]] = Counter()
    number = 0
    for said, wanted in labelled:
        number += 1
        found = {one.name: one.sentiment.value for one in classify(said).aspects}
        for aspect in set(SAME.values()):
            _count(counts, aspect, wanted.get(aspect), found.get(aspect))
    return Table(
        name="aspects",
        title=f"Aspects in {name}, {number:,} texts",
        head=("aspect", "labelled", "found", "precision", "recall", "F1", "polarity right"),
        rows=tuple(_row(aspect, counts) for aspect in dict.fromkeys(SAME.values())),
        notes=("Polarity: of those that are labelled, found, and labelled positive or negative.",),
    )


def _count(
    counts: Counter[tuple[AspectName, str]], aspect: AspectName, wanted: str | None, found: Sentiment | None
) -> None:
    counts[aspect, "labelled"] += wanted is not None
    counts[aspect, "found"] += found is not None
    counts[aspect, "both"] += wanted is not None and found is not None
    if found is not None and wanted in ("positive", "negative"):
        counts[aspect, "polar"] += 1
        counts[aspect, "right"] += found.value == wanted


def _row(aspect: AspectName, counts: Counter[tuple[AspectName, str]]) -> tuple[str | int | float | None, ...]:
    labelled, found, both = (counts[aspect, what] for what in ("labelled", "found", "both"))
    precision, recall = _share(both, found), _share(both, labelled)
    together = 2 * precision * recall / (precision + recall) if precision and recall else None
    right = _share(counts[aspect, "right"], counts[aspect, "polar"])
    return (aspect.value, labelled, found, precision, recall, together, right)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


if __name__ == "__main__":
    main()
