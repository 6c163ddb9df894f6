"""What a person reads on the page behind a link."""

from html.parser import HTMLParser

READ = ("h1", "p")
ENOUGH = 2  # the heading, and what it means


class _Reader(HTMLParser):
    """Headings and paragraphs, without hints and links."""

    def __init__(self) -> None:
        super().__init__()
        self.sentences: list[str] = []
        self._reads = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in READ:
            self._reads = ("class", "hint") not in attrs
            self.sentences.append("")
        elif tag == "a":
            self._reads = False

    def handle_endtag(self, tag: str) -> None:
        if tag in READ:
            self._reads = False

    def handle_data(self, data: str) -> None:
        if self._reads:
            self.sentences[-1] += data


def aloud(document: str) -> str:
    """How a page begins, as one would read it to somebody: the heading and the first paragraph, as sentences."""
    reader = _Reader()
    reader.feed(document)
    sentences = [said for text in reader.sentences if (said := " ".join(text.split()))]
    return " ".join(f"{said.rstrip('.')}." for said in sentences[:ENOUGH])
