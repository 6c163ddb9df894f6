"""Tables line up, and the document takes them where it says."""

import json

import pytest

from bench.__main__ import DOCUMENT
from bench.estimate import scaled
from bench.imports import events, heavy
from bench.meter import Cost
from bench.package import part
from bench.report import BEGIN, END, Table, plain, rewritten, shown, text
from infra.paths import CHALICE

TABLE = Table(
    name="t", title="Title", head=("what", "units"), rows=(("one", 1.0), ("thousand", 1000)), notes=("Note.",)
)


def test_numbers_stand_to_the_right_and_words_to_the_left() -> None:
    assert text(TABLE).splitlines() == [
        "Title",
        "",
        "  what      units",
        "  one         1.0",
        "  thousand  1,000",
        "",
        "  Note.",
    ]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (None, "-"),
        ("text", "text"),
        (1234, "1,234"),
        (1234.5, "1,234"),
        (12.34, "12.3"),
        (2.0, "2.0"),
        (0.125, "0.12"),
        (0.0037, "0.0037"),
        (0.0, "0.0"),
    ],
)
def test_a_cell_shows_the_digits_that_matter(cell: str | int | float | None, words: str) -> None:
    assert shown(cell) == words


def test_machines_get_plain_values() -> None:
    assert plain([TABLE])["t"]["rows"][0] == {"what": "one", "units": 1.0}


def test_the_document_keeps_what_stands_around_the_tables() -> None:
    before = f"Intro.\n\n{BEGIN}\nold\n{END}\n\nOutro.\n"
    after = rewritten(before, [TABLE], "2026-11-23, 2 cores")
    assert after.startswith(f"Intro.\n\n{BEGIN}\n\nMeasured 2026-11-23, 2 cores.\n")
    assert after.endswith(f"{END}\n\nOutro.\n")
    assert text(TABLE) in after
    assert "old" not in after
    assert rewritten(after, [TABLE], "2026-11-23, 2 cores") == after


def test_a_document_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks"):
        rewritten("nothing here", [TABLE], "today")


def test_our_document_can_take_the_tables() -> None:
    assert "Measured" in rewritten(DOCUMENT.read_text(), [TABLE], "today")


def test_a_share_of_a_cost_is_a_share_of_all_of_it() -> None:
    cost = Cost(read_units=4, write_units=2, queue_requests=1)
    cost.calls["sns.Publish"] = 2
    half = scaled(cost, 0.5)
    assert (half.read_units, half.write_units, half.queue_requests, half.calls["sns.Publish"]) == (2, 1, 0.5, 1)


def test_heavy_modules_are_found_whole_and_by_platform() -> None:
    loaded = ["botocore.session", "botocore", "requests_oauthlib", "chalicelib.connectors.x.webhook"]
    assert heavy(loaded) == ["botocore", "requests_oauthlib", "platform x"]


@pytest.mark.parametrize(
    ("filename", "top"),
    [
        ("pydantic/main.py", "pydantic"),
        ("pydantic_core-2.50.4.dist-info/METADATA", "pydantic_core"),
        ("app.py", "app.py"),
    ],
)
def test_a_file_counts_for_its_package(filename: str, top: str) -> None:
    assert part(filename) == top


def test_every_function_has_a_first_event() -> None:
    functions = json.loads((CHALICE / "config.json").read_text())["lambda_functions"]
    known = events(None)  # a desk is needed only once an event is made
    assert {name.replace("api_handler", "app") for name in functions} == known.keys()
