"""What ships: the zip's size, and what makes it large."""

import zipfile
from collections import Counter
from pathlib import Path

from bench.report import Table
from infra.deploy.packaging import MIB, Package

LARGEST = 10
# docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MOST_ZIPPED_MB, MOST_UNPACKED_MB = 50.0, 250.0


def measure(made: Package) -> list[Table]:
    with zipfile.ZipFile(made.zip_file) as content:
        entries = content.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    bytecode = sum(entry.file_size for entry in entries if entry.filename.endswith(".pyc"))
    rows = (
        ("zipped", made.zip_file.stat().st_size / MIB, MOST_ZIPPED_MB),
        ("unpacked", unpacked / MIB, MOST_UNPACKED_MB),
        ("of it bytecode", bytecode / MIB, None),
    )
    total = Table(
        name="package",
        title="Deployment package",
        head=("size", "MB", "Lambda takes"),
        rows=rows,
        notes=(f"{len(entries):,} files. Bytecode ships on purpose: without it every cold start compiles.",),
    )
    return [total, _largest(entries, unpacked)]


def _largest(entries: list[zipfile.ZipInfo], unpacked: int) -> Table:
    size: Counter[str] = Counter()
    zipped: Counter[str] = Counter()
    for entry in entries:
        size[part(entry.filename)] += entry.file_size
        zipped[part(entry.filename)] += entry.compress_size
    return Table(
        name="contributors",
        title=f"Its {LARGEST} largest parts",
        head=("part", "MB unpacked", "share %", "MB zipped"),
        rows=tuple(
            (name, number / MIB, 100 * number / unpacked, zipped[name] / MIB)
            for name, number in size.most_common(LARGEST)
        ),
    )


def part(filename: str) -> str:
    """The folder at the top that a file belongs to, or the file itself; what pip wrote about it goes with it."""
    top = Path(filename).parts[0]
    return top.partition("-")[0] if top.endswith(".dist-info") else top
