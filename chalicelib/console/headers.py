"""What every page has beside its text: the one stylesheet, and the headers that shut it. Loads no template engine."""

import base64
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path


@cache
def stylesheet() -> str:
    return (Path(__file__).parent / "style.css").read_text(encoding="utf-8")


@cache
def headers() -> Mapping[str, str]:
    """With every page: nothing runs, nothing is loaded, nothing is kept, nobody may frame it."""
    digest = base64.b64encode(sha256(stylesheet().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",  # with less than that, browsers hide the origin of our own forms
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
