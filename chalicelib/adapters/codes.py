"""Codes that open a page's link."""

import secrets
from typing import Final

# 16 of 32 are 80 random bits; none is mistaken for another when it is read out, and GSM-7 has them all.
LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"
CHARS: Final = 16


def new_code() -> str:
    """16 characters that nobody can guess, safe in a path."""
    return "".join(secrets.choice(LETTERS) for _ in range(CHARS))
