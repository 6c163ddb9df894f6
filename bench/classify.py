"""
`make bench-classify`, or `python -m bench.classify FILE ...`: how well texts are understood, beside VADER and TextBlob.

A file is a CSV with a column `text` and any of sentiment, intent, urgency,
needs_reply, complaint; TweetEval's numbered `label` counts as sentiment.
"""

import csv
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any, Final

import click

from bench.report import Table, text
from bench.scores import calibration_error, per_class, summary
from chalicelib.domain.labels import Label, Labels, Verdict
from infra.paths import ROOT

LAYER: Final = ROOT / "infra" / "layer" / "earshot_encoder"
HELD_OUT: Final = ROOT / "tests" / "classify" / "held_out.csv"
NUMBERED: Final = ("negative", "neutral", "positive")  # TweetEval's labels 0, 1, 2
HEADS: Final[Mapping[str, tuple[str, ...]]] = {
    "sentiment": NUMBERED,
    "intent": ("assistance", "praise", "vent", "share", "spread", "none"),
    "urgency": ("low", "normal", "high", "critical"),
    "needs_reply": ("no", "yes"),
    "complaint": ("no", "yes"),
    "noise": ("signal", "noise"),
}
BATCH: Final = 10  # what a worker gets at once
STARTS: Final = 5  # fresh processes for the time to load
VADER_BAND: Final = 0.05  # github.com/cjhutto/vaderSentiment, README, "About the Scoring", read 2026-11-28


@dataclass(frozen=True, slots=True)
class Answer:
    """A value and how sure the engine is of it; None where it does not say."""

    value: str
    score: float | None = None
    is_unsure: bool = False


Row = Mapping[str, str]
Answers = Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """`judge` takes texts and gives the answers for the heads that it knows."""

    name: str
    judge: Callable[[Sequence[str]], list[Answers]]
    starting: str  # what a fresh process runs until the first answer
    paths: tuple[Path, ...]  # what it takes on disk


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--most", type=int, help="Only the first so many rows of each file.")
@click.option(
    "--predictions", type=click.Path(dir_okay=False, path_type=Path), help="Write what ours says of each row."
)
def main(files: tuple[Path, ...], most: int | None, predictions: Path | None) -> None:
    """
    Judge the texts of FILES and compare with their labels; without FILES the invented texts of the tests.

    Both tiers of ours, VADER and TextBlob run side by side, one thread each. Figures go to standard output.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    known = engines()
    for file in files or (HELD_OUT,):
        rows = read(file)[:most]
        found = {engine.name: measured(engine, [row["text"] for row in rows]) for engine in known}
        for table in tables(file.name, rows, {name: answers for name, (answers, _) in found.items()}):
            click.echo(f"{text(table)}\n")
        click.echo(f"{text(_speed(file.name, {name: ms for name, (_, ms) in found.items()}))}\n")
        if predictions:
            _write(predictions, rows, {name: answers for name, (answers, _) in found.items()})
    click.echo(text(_loads(known)))


def read(file: Path) -> list[dict[str, str]]:
    """Rows with a text and whatever labels there are, by our names. Raises UsageError for a file without texts."""
    with file.open(encoding="utf-8", newline="") as content:
        rows = list(csv.DictReader(content))
    if not rows or "text" not in rows[0]:
        raise click.UsageError(f"{file} is no CSV with a column `text` and at least one row")
    numbered = {row.get("label") for row in rows} == {str(at) for at in range(len(NUMBERED))}
    if numbered and "sentiment" not in rows[0]:
        return [{**row, "sentiment": NUMBERED[int(row["label"])]} for row in rows]
    return rows


# --- engines ---------------------------------------------------------------------------------------------------------


def engines() -> list[Engine]:
    """Ours first; a peer that is not installed is left out, loudly."""
    found = [_tiny()]
    for make in (_encoder, _vader, _textblob):
        try:
            found.append(make())
        except ImportError as error:
            click.echo(f"left out: {error}", err=True)
    return found


def _encoder() -> Engine:
    from chalicelib.classify import encoder

    loaded = encoder.load(LAYER)
    if loaded is None:
        raise ImportError(f"the encoder: no weights in {LAYER}, or no numpy")

    def judge(texts: Sequence[str]) -> list[Answers]:
        return [answers(found) for found in loaded.labels([encoder.Text(text=one, addressed=False) for one in texts])]

    starting = (
        "from pathlib import Path; from chalicelib.classify import encoder; "
        f"encoder.load(Path({str(LAYER)!r})).labels([encoder.Text(text='hello there')])"
    )
    import numpy

    libraries = Path(numpy.__file__).parent
    return Engine(
        name="ours, encoder",
        judge=judge,
        starting=starting,
        paths=(LAYER, libraries, libraries.parent / "numpy.libs", ROOT / "chalicelib" / "classify"),
    )


def _tiny() -> Engine:
    from chalicelib.classify import classify

    return Engine(
        name="ours, tiny",
        judge=lambda texts: [answers(classify(one, addressed=False)) for one in texts],
        starting="from chalicelib.classify import classify; classify('hello there')",
        paths=(ROOT / "chalicelib" / "classify",),
    )


def answers(labels: Labels) -> Answers:
    """What the engines of ours say, by the names of the columns. An unsure yes-or-no goes by the likelier side."""
    return {
        "sentiment": Answer(labels.sentiment.value.value, labels.sentiment.score),
        "intent": Answer(labels.reason.value.value, labels.reason.score),
        "urgency": Answer(labels.urgency.value.value, labels.urgency.score),
        "needs_reply": _verdict(labels.needs_reply),
        "complaint": _verdict(labels.complaint),
        "noise": Answer(labels.noise.value.value, labels.noise.score),
    }


def _verdict(label: Label[Verdict]) -> Answer:
    if label.value is not Verdict.UNSURE:
        return Answer(label.value.value, label.score)
    return Answer("yes" if label.score >= 0.5 else "no", max(label.score, 1 - label.score), is_unsure=True)


def _vader() -> Engine:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyzer = SentimentIntensityAnalyzer()

    def judge(texts: Sequence[str]) -> list[Answers]:
        return [_polar(analyzer.polarity_scores(one)["compound"], VADER_BAND) for one in texts]

    starting = (
        "from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer; "
        "SentimentIntensityAnalyzer().polarity_scores('hello there')"
    )
    return Engine(name="VADER", judge=judge, starting=starting, paths=_installed("vaderSentiment"))


def _textblob() -> Engine:
    from textblob import TextBlob

    def judge(texts: Sequence[str]) -> list[Answers]:
        return [_polar(TextBlob(one).sentiment.polarity, 0.0) for one in texts]

    starting = "from textblob import TextBlob; TextBlob('hello there').sentiment"
    return Engine(name="TextBlob", judge=judge, starting=starting, paths=_installed("textblob", "nltk"))


def _polar(value: float, band: float) -> Answers:
    """Either side of a neutral band."""
    return {"sentiment": Answer("positive" if value > band else "negative" if value < -band else "neutral")}


def _installed(*packages: str) -> tuple[Path, ...]:
    return tuple(Path(place) for name in packages for place in __import__(name).__path__)


# --- measuring -------------------------------------------------------------------------------------------------------


def measured(engine: Engine, texts: Sequence[str]) -> tuple[list[Answers], float]:
    """All answers, and how many milliseconds of CPU one took."""
    engine.judge(texts[:BATCH])  # loads what it loads on first use
    began, found = process_time(), []
    for first in range(0, len(texts), BATCH):
        found += engine.judge(texts[first : first + BATCH])
    return found, 1000 * (process_time() - began) / len(texts)


def tables(name: str, rows: Sequence[Row], found: Mapping[str, Sequence[Answers]]) -> Iterator[Table]:
    """For each head that the file has labels for: the engines side by side, then the classes of ours."""
    for head, classes in HEADS.items():
        known = [at for at, row in enumerate(rows) if row.get(head) in classes]
        if known:
            wanted = [rows[at][head] for at in known]
            yield _side_by_side(name, head, wanted, {n: [a[at].get(head) for at in known] for n, a in found.items()})
            for engine in [engine for engine in found if engine.startswith("ours")]:
                values = [found[engine][at][head].value for at in known]
                yield _by_class(f"{name}: {head}, {engine}", wanted, values)


def _side_by_side(name: str, head: str, wanted: list[str], found: Mapping[str, list[Answer | None]]) -> Table:
    often = max(set(wanted), key=wanted.count)
    always: list[Answer | None] = [Answer(often)] * len(wanted)
    return Table(
        name=f"{name} {head}",
        title=f"{name}: {head}, {len(wanted):,} rows",
        head=("engine", "accuracy %", "macro-F1 %", "macro-recall %", "ECE", "unsure %"),
        rows=tuple(
            row for engine, said in {**found, f"always {often}": always}.items() if (row := _row(engine, wanted, said))
        ),
    )


def _row(engine: str, wanted: list[str], said: list[Answer | None]) -> tuple[Any, ...] | None:
    given = [one for one in said if one is not None]
    if len(given) < len(said):
        return None
    measures = summary(wanted, [one.value for one in given])
    scores = [one.score for one in given if one.score is not None]
    hits = [one.value == right for one, right in zip(given, wanted, strict=True)]
    error = calibration_error(hits, scores) if len(scores) == len(given) else None
    unsure = 100 * sum(one.is_unsure for one in given) / len(given) if scores else None
    return (engine, measures["accuracy"], measures["macro_f1"], measures["macro_recall"], error, unsure)


def _by_class(title: str, wanted: Sequence[Hashable], found: Sequence[Hashable]) -> Table:
    rows = per_class(wanted, found)
    return Table(
        name=title,
        title=title,
        head=("class", "precision %", "recall %", "F1 %", "rows"),
        rows=tuple((str(c), 100 * one.precision, 100 * one.recall, 100 * one.f1, one.rows) for c, one in rows.items()),
    )


def _speed(name: str, ms: Mapping[str, float]) -> Table:
    return Table(
        name=f"{name} speed",
        title=f"{name}: CPU for one text",
        head=("engine", "ms", "texts/s a core"),
        rows=tuple((engine, value, 1000 / value) for engine, value in ms.items()),
        notes=(f"One thread, {BATCH} texts at a time, on {platform.processor() or platform.machine()}.",),
    )


def _loads(known: Sequence[Engine]) -> Table:
    return Table(
        name="load",
        title="A fresh process until its first answer, and what lies on disk",
        head=("engine", "CPU ms", "peak MB", "MB on disk"),
        rows=tuple((engine.name, *_started(engine), _size(engine.paths)) for engine in known),
        notes=(f"Median of {STARTS}; the bare interpreter is taken off the time, not off the memory.",),
    )


def _started(engine: Engine) -> tuple[float, float]:
    bare = median(_run("pass")[0] for _ in range(STARTS))
    runs = [_run(engine.starting) for _ in range(STARTS)]
    return 1000 * (median(cpu for cpu, _ in runs) - bare), median(peak for _, peak in runs)


def _run(statement: str) -> tuple[float, float]:
    """Seconds of CPU and peak megabytes of a fresh process."""
    script = (
        f"{statement}\nimport time; cpu = time.process_time()\nfrom bench.judge import peak_mb; print(cpu, peak_mb())"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ}
    )
    cpu, peak = done.stdout.split()[-2:]
    return float(cpu), float(peak)


def _size(paths: Sequence[Path]) -> float:
    """Megabytes, without bytecode."""
    files = {file for path in paths for file in path.rglob("*") if file.is_file() and file.suffix != ".pyc"}
    return sum(file.stat().st_size for file in files) / 1e6


def _write(file: Path, rows: Sequence[Row], found: Mapping[str, Sequence[Answers]]) -> None:
    engine = "ours, encoder" if "ours, encoder" in found else "ours, tiny"
    with file.open("w", encoding="utf-8", newline="") as content:
        writer = csv.writer(content, lineterminator="\n")
        writer.writerow(["id", *HEADS])
        for at, (row, said) in enumerate(zip(rows, found[engine], strict=True), 1):
            writer.writerow([row.get("id") or at, *(said[head].value for head in HEADS)])


if __name__ == "__main__":
    main()
