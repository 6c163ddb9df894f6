"""How good answers are: standard library only, so that every bench and training uses the same arithmetic."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PerClass:
    """Shares from 0 to 1; `rows` is how many there are of the class."""

    precision: float
    recall: float
    f1: float
    rows: int


def per_class(wanted: Sequence[Hashable], found: Sequence[Hashable]) -> dict[Hashable, PerClass]:
    """For each class that is wanted at least once."""
    pairs = list(zip(wanted, found, strict=True))
    measured = {}
    for name in dict.fromkeys(wanted):
        hits = sum(w == f == name for w, f in pairs)
        rows, said = sum(w == name for w in wanted), sum(f == name for f in found)
        recall, precision = hits / rows, hits / said if said else 0.0
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        measured[name] = PerClass(precision, recall, f1, rows)
    return measured


def summary(wanted: Sequence[Hashable], found: Sequence[Hashable]) -> dict[str, float]:
    """Accuracy, macro-F1 and macro-recall in percent, over the classes that are wanted at least once."""
    classes = per_class(wanted, found).values()
    hits = sum(w == f for w, f in zip(wanted, found, strict=True))
    return {
        "accuracy": round(100 * hits / len(wanted), 2),
        "macro_f1": round(100 * sum(one.f1 for one in classes) / len(classes), 2),
        "macro_recall": round(100 * sum(one.recall for one in classes) / len(classes), 2),
    }


def mean_f1(measured: Mapping[str, Mapping[str, float]]) -> float:
    """The mean of the heads' macro-F1."""
    return sum(one["macro_f1"] for one in measured.values()) / len(measured)


def calibration_error(right: Sequence[bool], confidence: Sequence[float], bins: int = 15) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart, over `bins` of equal width (0 to 1)."""
    groups: dict[int, list[tuple[bool, float]]] = {}
    for hit, sure in zip(right, confidence, strict=True):
        groups.setdefault(min(int(sure * bins), bins - 1), []).append((hit, sure))
    gaps = [abs(sum(hit for hit, _ in group) - sum(sure for _, sure in group)) for group in groups.values()]
    return sum(gaps) / len(right) if right else 0.0
