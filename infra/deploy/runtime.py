"""
The Python that the functions run on: the one that deploys.

Chalice names it in the template, and bytecode, wheels and the layer are made for it, so they follow from the
interpreter alone. `infra/pythons.txt` is the one list of versions, the preferred one first; `make`, `.ci/run` and the
tests read it too.
"""

import re
import sys
from typing import Final

from infra.paths import INFRA

PYTHONS: Final = tuple(tuple(map(int, name.split("."))) for name in (INFRA / "pythons.txt").read_text().split())
VERSION: Final = sys.version_info[:2]
NAME: Final = f"python{VERSION[0]}.{VERSION[1]}"  # as Lambda says it
# Lambda's image of 3.11 is Amazon Linux 2, with glibc 2.26; those of later ones are Amazon Linux 2023.
# A wheel for a newer glibc installs and then fails at import.
NEWEST_GLIBC_MINOR: Final = 26 if VERSION <= (3, 11) else 34
ENDS: Final = {(3, 11): "AWS ends python3.11 on 30 June 2027"}


def is_supported() -> bool:
    return VERSION in PYTHONS


def is_of_another(file: str) -> bool:
    """Whether a compiled file names a Python that is not this one: `x.cpython-311.pyc`, `x.cpython-313-x86_64….so`."""
    named = re.search(r"\.cpython-(\d+)", file)
    return named is not None and named[1] != f"{VERSION[0]}{VERSION[1]}"


def in_words() -> str:
    """The versions in ascending order, as in a sentence."""
    *most, last = (f"{major}.{minor}" for major, minor in sorted(PYTHONS))
    return f"{', '.join(most)} or {last}"
