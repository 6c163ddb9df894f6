"""Colours that can be read at three in the morning: WCAG 2.2 AA, in light and dark."""

import re

import pytest

from chalicelib.console.headers import stylesheet

AA = 4.5
GROUNDS = ("ground", "paper")
PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "accent", "late") for ground in GROUNDS),
    *((tone, f"{tone}-ground") for tone in ("late", "soon", "calm")),
    ("ground", "accent"),  # a button's text
]


def schemes() -> dict[str, dict[str, str]]:
    light, dark = re.findall(r":root \{(.*?)\}", stylesheet(), re.DOTALL)
    return {
        name: dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for name, block in (("light", light), ("dark", dark))
    }


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out(scheme: str, text: str, ground: str) -> None:
    colours = schemes()[scheme]
    lighter, darker = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= AA


def test_every_colour_has_a_dark_twin() -> None:
    light, dark = schemes().values()
    assert light.keys() == dark.keys()


def test_nothing_is_loaded_from_elsewhere() -> None:
    assert "url(" not in stylesheet()
    assert "@import" not in stylesheet()
