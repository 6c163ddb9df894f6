"""Bodies as HTML forms send them."""

from urllib.parse import parse_qsl

from chalicelib.ports.connector.parsing import Unreadable

MOST_FIELDS = 1_000


def fields(body: bytes) -> list[tuple[str, str]]:
    """Names and values as they come, empty ones too. Raises Unreadable."""
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:  # also no UTF-8, and too many
        raise Unreadable("the body is no form") from None
