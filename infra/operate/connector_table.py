"""
Make `docs/connectors.md` and README's table of platforms from the manifests.

`python -m infra.operate.connector_table --write` rewrites both; without `--write`
the page is printed. A test fails while one is out of date.
"""

import argparse
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from chalicelib import connectors
from chalicelib.domain.in_words import span
from chalicelib.ports.connector.manifest import FREE, Manifest, Secret
from infra.paths import ROOT

PAGE = ROOT / "docs" / "connectors.md"
README = ROOT / "README.md"
_README_TABLE = re.compile(r"(?<=\n## Platforms\n\n)(?:\|.*\n)+")
_VERIFIED = {
    "fixtures": "payloads written from the platform's documentation",
    "sandbox": "the platform's test environment",
    "live": "a real account",
}
_INTRODUCTION = """\
# Platforms

Made from the manifests in `chalicelib/connectors/` by `python -m infra.operate.connector_table --write`: edit those,
not this page. To add a platform: [adding-a-platform.md](adding-a-platform.md).

A channel is one app on one platform, such as `x.main`; it may speak for several accounts of the brand. Values to send
with are looked up for the account that was written to. What belongs to the app may be set once, without `--account`.
"""


def page() -> str:
    """The whole page."""
    manifests = {name: connectors.manifest(name) for name in sorted(connectors.names())}
    sections = [_section(name, manifest) for name, manifest in manifests.items()]
    return "\n".join([_INTRODUCTION, "\n".join(_summary(manifests)), "", "\n".join(sections)])


def readme(text: str) -> str:
    """README with its table of platforms as the manifests have it. Raises ValueError where it has none."""
    manifests = [connectors.manifest(name) for name in sorted(connectors.names())]
    rows = [(m.name, m.hears, m.answers or "no") for m in sorted(manifests, key=lambda m: m.name)]
    table = "".join(f"{line}\n" for line in _table(("Platform", "Hears", "Answers"), rows))
    if not _README_TABLE.search(text):
        raise ValueError("README.md has no table below its heading Platforms")
    return _README_TABLE.sub(lambda _: table, text)


def _summary(manifests: dict[str, Manifest]) -> Iterator[str]:
    yield from _table(
        ("Platform", "Name", "Hears", "Answers", "Verified with", "Rules read on"),
        [
            (f"[{m.title}](#{name})", f"`{name}`", _has(name, "webhook"), _has(name, "reply"), m.verified_by, m.read_on)
            for name, m in manifests.items()
        ],
    )


def _has(name: str, part: str) -> str:
    return "yes" if connectors.has(name, part) else "no"


def _section(name: str, manifest: Manifest) -> str:
    lines = [
        f"## {name}",
        "",
        f"{manifest.title}. Rules from <{manifest.docs_url}>, read on {manifest.read_on}; verified with "
        f"{_VERIFIED[manifest.verified_by]}.",
        *_list("Becomes facts", manifest.reads),
        *_answers(manifest),
        "",
        "Values an operator supplies:",
        "",
        *_secrets(name, manifest.secrets),
        *_list("Known limits", manifest.known_limits),
        *_list("Not confirmed by the platform's documentation", manifest.unconfirmed),
    ]
    return "\n".join(lines) + "\n"


def _answers(manifest: Manifest) -> Sequence[str]:
    """What an answer may be, until when it is taken, and what it costs."""
    limits = ", ".join(f"{limit.most:,} {limit.unit} {limit.where}" for limit in manifest.limits)
    window = manifest.reply_window
    until = window and (
        f"{span(window.standard)} after the customer's last message"
        + (f", {span(window.by_person)} for what a person wrote" if window.by_person > window.standard else "")
    )
    told = (
        f"Length of an answer: {limits}." if limits else "",
        f"Private answers are taken until {until}." if until else "",
        _price(manifest),
    )
    return tuple(line for text in told if text for line in ("", text))


def _price(manifest: Manifest) -> str:
    price = manifest.price
    read, reply = (_sum(usd) for usd in (price.read_usd, price.reply_usd))
    note = f" ({_cell(price.note)})" if price.note else ""
    if read == reply:
        return f"The platform's price of a message that is read, and of an answer: {read}{note}."
    return f"The platform's price of a message that is read: {read}; of an answer: {reply}{note}."


def _sum(usd: Decimal | None) -> str:
    if usd is None:
        return "not known"
    return "nothing" if usd == FREE else f"{usd} USD"


def _list(title: str, items: Sequence[str]) -> Sequence[str]:
    return ("", f"{title}:", "", *(f"- {_cell(item)}" for item in items)) if items else ()


def _secrets(name: str, secrets: Sequence[Secret]) -> Iterator[str]:
    return _table(
        ("Value", "What it is", "Set with"),
        [(f"`{secret.name}`", _cell(secret.help), f"`{_command(name, secret)}`") for secret in secrets],
    )


def _command(name: str, secret: Secret) -> str:
    account = " --account ID" if secret.use == "send" else ""
    return f"earshot secrets set {name}.main {secret.name} --use {secret.use}{account}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    """Markdown's own signs in a sentence of a manifest stay what they are."""
    for sign in ("|", "<", "_", "*"):
        text = text.replace(sign, f"\\{sign}")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description="Make docs/connectors.md and README's table from the manifests.")
    parser.add_argument("--write", action="store_true", help="write both files instead of printing the page")
    if parser.parse_args().write:
        PAGE.write_text(page())
        README.write_text(readme(README.read_text()))
    else:
        print(page(), end="")


if __name__ == "__main__":
    main()
