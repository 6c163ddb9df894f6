"""The short links in pages: who has one may acknowledge that page."""

import re
from datetime import timedelta
from hashlib import sha256
from typing import Final

LIFE: Final = timedelta(hours=72)
_CODE: Final = re.compile(r"[a-z2-9]{16}")


def is_code(text: str) -> bool:
    """Whether it has the form of a code."""
    return _CODE.fullmatch(text) is not None


def hash_of(code: str) -> str:
    """
    What is stored of a code.

    A code holds 80 random bits: a slow hash would protect nothing.
    """
    return sha256(code.encode()).hexdigest()


def url_of(base_url: str, code: str | None) -> str | None:
    """The address that people open; None without a code or a place to open it."""
    return f"{base_url.rstrip('/')}/a/{code}" if base_url and code else None
