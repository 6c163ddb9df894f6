"""What is left of a morning: the numbers, and one page as people and machines got it."""

import json
from collections.abc import Iterator, Sequence

from infra.demo.numbers import Numbers
from infra.demo.pager import Letter

MEANINGS: tuple[tuple[str, str], ...] = (
    ("received", "webhooks, each with its platform's signature"),
    ("refused", "one forged, one without a signature; told as little as an address that is not connected"),
    ("quarantined", "signed, but not to be read: kept whole until a connector can"),
    ("cases", "one for each conversation and customer, however often it was told"),
    ("met", "answered in time"),
    ("late", "answered too late"),
    ("overdue", "promised, broken, and still waiting"),
    ("waiting", "still waiting, and still in time"),
    ("cancelled", "no longer to be answered: deleted, or resolved"),
    ("breached", "promises broken in all, answered since or not"),
    ("warnings", "to the team, before a promise broke"),
    ("pages", "to the people on call, up the ladder"),
    ("acknowledged", '"I am on it", by the link in a page; it ran out, since the customer still waited'),
    ("notices", '"it is over", to everybody who had been paged'),
    ("replied", "answers from Earshot that the platforms took, each once"),
    ("given_up", "messages that nothing could be done with"),
)
NAMES = {"met": "in time", "given_up": "given up", "pages": "paged"}


def table(found: Numbers) -> Iterator[str]:
    """One line for each number."""
    for name, meaning in MEANINGS:
        yield f"  {NAMES.get(name, name):<12}{getattr(found, name):>4}   {meaning}"


def one_page(sms: Sequence[Letter], mails: Sequence[Letter], posted: Sequence[Letter] = ()) -> Iterator[str]:
    """The first page of the morning: on the phone, in the mailbox, and posted to a machine."""
    text = next((letter for letter in sms if letter.text.startswith("LATE")), None)
    mail = next((letter for letter in mails if " LATE: " in letter.subject), None)
    if text:
        yield f"As a text message to {text.to}:"
        yield ""
        yield f"  | {text.text}"
    if mail:
        yield from ("", f"As a mail to {mail.to}:", "", f"  | Subject: {mail.subject}", "  |")
        yield from (f"  | {line}".rstrip() for line in mail.text.splitlines())
    for letter in posted[:1]:
        yield from ("", f"As JSON, posted to {letter.to}:", "")
        yield from (f"  | {line}" for line in json.dumps(json.loads(letter.text), indent=2).splitlines())
