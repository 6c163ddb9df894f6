"""`earshot customers erase` and `export`."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.deploy import target
from infra.operate import records
from tests.infra.test_cli import run
from tests.usecases.life import MARK, SHE, Life, copied


@pytest.fixture
def life(monkeypatch: pytest.MonkeyPatch) -> Life:
    made = Life().live()
    monkeypatch.setattr(target, "for_stage", lambda _stage: SimpleNamespace())
    monkeypatch.setattr(records, "erasing_ports", lambda *_, **__: made.erasing())
    return made


def test_it_shows_what_is_held_and_asks_first(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    before = life.everything()
    code, text = run("customers", "erase", f"x:{SHE.id}")  # nobody answers
    assert code != 0
    assert "timeline entries" in text
    assert text.count("is somebody else's, too") == 2
    assert "for good" in text
    assert life.everything() == before


def test_it_erases_and_leaves_a_line_that_names_nobody(life: Life) -> None:
    case_id = life.of(f"{MARK}-m1")
    code, text = run("customers", "erase", case_id, "--yes", "--by", "lea")
    assert code == 0, text
    assert life.marked() == []
    assert "Erased by lea at" in text
    assert MARK not in text.casefold()
    [entry] = life.ledger.all()
    assert entry.by == "lea"


def test_a_restored_table_is_erased_again(life: Life) -> None:
    before = copied(life.table)
    assert run("customers", "erase", f"x:{SHE.id}", "--yes")[0] == 0
    for key, item in before.everything().items():
        life.table._items[key] = item
        life.table._partitions.setdefault(key[0], set()).add(key[1])
    code, text = run("customers", "erase", "--replay")
    assert code == 0, text
    assert "1 people were there again" in text
    assert life.marked() == []


def test_an_export_is_a_file_for_one_pair_of_eyes(life: Life, tmp_path: Path) -> None:
    file = tmp_path / "her.json"
    code, text = run("customers", "export", f"x:{SHE.id}", "--to", str(file))
    assert code == 0, text
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_text())["author_key"] == SHE.id
    assert "cannot be written" in run("customers", "export", f"x:{SHE.id}", "--to", str(file))[1]


@pytest.mark.parametrize("words", [("erase",), ("erase", "x:1", "--replay"), ("erase", "x:1", "--table", "t")])
def test_what_makes_no_sense_is_refused(life: Life, words: tuple[str, ...]) -> None:
    assert run("customers", *words)[0] == 2


def test_nobody_is_said_in_words(life: Life) -> None:
    code, text = run("customers", "erase", "x:404", "--yes")
    assert code == 1
    assert "Nothing is held of x:404." in text
