"""
What strangers send, read: forms, origins, ids, keys, days, numbers, pages to go back to.

Every reader is total: whatever it is given, it gives a value or None and
raises nothing, so that no bytes make a route fail. Light at the top: it is
loaded with every webhook.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

MOST_FORM_BYTES: Final = 4_096
MOST_FIELDS: Final = 10
MOST_FIRST: Final = 999_999  # entries of a timeline
CASE_ID: Final = re.compile(r"c[0-9a-f]{15}")
INCIDENT_ID: Final = re.compile(r"i[0-9a-f]{15}")
FIX_ID: Final = re.compile(r"f[0-9a-f]{15}")
CHANNEL: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")
IDEMPOTENCY_KEY: Final = re.compile(r"[!-~]{1,100}")
_DAY: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")  # a century, so that nothing counted from a day leaves time
_NUMBER: Final = re.compile(r"[0-9]{1,6}")
_PAGE: Final = re.compile(r"console(/[a-z0-9-]{1,40}){0,4}(\?[a-z0-9_=&-]{1,200})?")
_FORM_TYPE: Final = "application/x-www-form-urlencoded"


def form(request: Any) -> Mapping[str, str]:
    """The last value of each field; nothing for what is no form, or larger than any of ours."""
    body = request.raw_body or b""
    content_type = (request.headers.get("content-type") or "").partition(";")[0].strip().lower()
    if content_type != _FORM_TYPE or len(body) > MOST_FORM_BYTES:
        return {}
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in fields.items()}


def is_from_elsewhere(request: Any, hosts: Collection[str]) -> bool:
    """
    Whether a page that is not ours made the browser send this. `hosts` are ours beside the one that was asked.

    A program that is no browser says neither where from nor what site. `null`
    is what browsers call an origin that they will not name.
    """
    headers: Mapping[str, str] = request.headers
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site in ("cross-site", "same-site"):
        return True
    if origin == "null":
        return site != "same-origin"
    return origin is not None and host_of(origin) not in {*hosts, (headers.get("host") or "").lower()}


def host_of(url: str) -> str | None:
    """Host and port as a URL has them, in lower case; None for what is no URL."""
    try:
        return urlsplit(url).netloc.lower() or None
    except ValueError:
        return None


def page(path: str, query: Mapping[str, str] | None = None) -> str | None:
    """A page of the console to go back to, without the way there: nothing that could lead out of it."""
    try:
        text = f"{path}?{urlencode(query)}" if query else path
    except UnicodeEncodeError:
        return None
    return text if _PAGE.fullmatch(text) else None


def day(text: str) -> date | None:
    """A date such as 2026-03-01, of this century."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def number(text: str, most: int) -> int | None:
    """A whole number from 1 to `most`, which has at most six digits."""
    return int(text) if _NUMBER.fullmatch(text) and 1 <= int(text) <= most else None


def message_id(text: str, most_bytes: int) -> str | None:
    """An id of a platform: any text that fits into a key."""
    try:
        return text if 0 < len(text.encode()) <= most_bytes else None
    except UnicodeEncodeError:
        return None
