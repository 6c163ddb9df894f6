"""Customers and the settings of the priority on the command line."""

import json
from pathlib import Path

import pytest

from chalicelib.policies import priority_toml
from infra.deploy import queues, target
from infra.operate import records
from tests.infra.test_cli import run
from tests.usecases.test_act import Desk
from tests.usecases.test_customer_record import PROMISES
from tests.usecases.world import wrote


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(wrote("100", 0))
    monkeypatch.setattr(target, "for_stage", lambda _stage: None)
    monkeypatch.setattr(queues, "on_their_way", lambda _where: {})
    monkeypatch.setattr(records, "table", lambda _where: made.table)
    monkeypatch.setattr(records, "promises", lambda _stage: PROMISES)
    return made


def recorded(*words: str) -> str:
    code, text = run("customers", *words, "--by", "lea")
    assert code == 0, text
    return text


def test_what_is_recorded_is_shown_with_its_changes(desk: Desk) -> None:
    case = desk.case_id
    assert "Recorded." in recorded("tier", case, "gold")
    recorded("tag", case, "press")
    recorded("tag", case, "wheelchair")
    recorded("tag", case, "press", "--remove")
    recorded("consent", case, "said so by phone")
    recorded("promise", case, "we refund", "--due", "2026-03-06")
    code, text = run("customers", "show", case)
    assert code == 0
    assert "Tier: gold\nTags: wheelchair\nMay be called: yes, lea, said so by phone\n" in text
    assert "Promised: we refund, was due 2026-03-06 (p" in text
    changes = [line.split("lea: ")[1] for line in text.splitlines() if "lea: " in line]
    assert changes == [
        "promise we refund, due 2026-03-06",
        "consent said so by phone",
        "untag press",
        "tag wheelchair",
        "tag press",
        "tier gold",
    ]
    shown = run("cases", "show", case)[1]
    assert "Customer: gold customer, wheelchair, may be called (said so by phone)" in shown
    assert "gold customer" in run("cases")[1]


def test_a_promise_is_settled_and_consent_withdrawn(desk: Desk) -> None:
    case = desk.case_id
    recorded("promise", case, "we refund", "--due", "2026-03-06")
    [promise] = json.loads(run("customers", "show", case, "--json")[1])["promises"]
    recorded("settle", case, promise["id"], "--broken")
    recorded("consent", case, "wants no calls", "--withdrawn")
    recorded("tier", case, "gold")
    recorded("tier", case, "none")
    found = json.loads(run("customers", "show", case, "--json")[1])
    assert (found["promises"], found["consent"]["is_given"], found["tier"]) == ([], False, None)
    assert [change["kind"] for change in found["changes"]][-2:] == ["broken", "promise"]


def test_what_makes_no_sense_is_said_with_the_next_step(desk: Desk) -> None:
    code, text = run("customers", "tier", desk.case_id, "glod")
    assert code == 1
    assert "There is no such tier: did you mean 'gold'?" in text
    assert f"Next step: `earshot customers show {desk.case_id} --stage local`" in text
    code, text = run("customers", "tier", "c000000000000000", "gold")
    assert (code, "There is no case" in text) == (1, True)


# --- the settings of the priority -------------------------------------------------------------------------------


def test_every_figure_is_shown_with_its_source() -> None:
    code, text = run("priority", "show")
    assert code == 0
    assert "American Express 2012 Global Customer Service Barometer" in text
    assert len(text.splitlines()) == 1 + priority_toml().count("{ value = ")


def test_a_sound_copy_says_how_long_anybody_waits_at_most(tmp_path: Path) -> None:
    file = tmp_path / "priority.toml"
    file.write_text(priority_toml())
    code, text = run("priority", "check", str(file))
    assert (code, text) == (
        0,
        f"{file} is sound. Whoever has waited 15.6 h longer than another stands first, whoever they are.\n",
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("most = { value = 60,", "most = { value = 6000,", "floor.critical must be above 6195"),
        ("gold = { value = 45,", "gold = { valeu = 45,", "did you mean 'value'?"),
        ("[mood]", "[mood", "this is not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    toml = priority_toml().replace(f"\n{old}", f"\n{new}", 1)
    assert new in toml
    file = tmp_path / "priority.toml"
    file.write_text(toml)
    code, text = run("priority", "check", str(file))
    assert code == 1
    assert says in text
    line = text.partition(f"{file}:")[2].partition(":")[0]
    assert line.isdecimal()
    if "floor" not in says and "TOML" not in says:
        assert toml.splitlines()[int(line) - 1].startswith(new)
