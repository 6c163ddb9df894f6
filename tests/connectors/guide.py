"""The files of the platform that docs/adding-a-platform.md builds, cut out of the page."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-platform.md"
PLATFORM = "telegram"
_FILE = re.compile(r"^\*\*(?P<name>[\w\\/.]+)\*\*\n\n```(?:python|json)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> dict[str, str]:
    """Text by path: of code below the folder of connectors, of fixtures (those in a folder) below that of fixtures."""
    found = [(match["name"].replace("\\", ""), match["text"]) for match in _FILE.finditer(PAGE.read_text())]
    assert len(dict(found)) == len(found), "a file stands twice on the page"
    return dict(found)


def build(root: Path) -> None:
    """Write all of them as they would lie in a checkout."""
    for name, text in files().items():
        top = root / "tests" / "fixtures" if "/" in name else root / "chalicelib" / "connectors"
        path = top / PLATFORM / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.rstrip("\n") if name.endswith(".body.json") else text)
