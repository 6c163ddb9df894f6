"""`earshot incidents`, `earshot vocabulary` and `earshot report causes` on a table in memory."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from chalicelib.ports.documents import DocumentKind
from infra.deploy import target
from infra.operate import records
from tests.infra.test_cli import run
from tests.usecases.outage import outage
from tests.usecases.test_causes import DAY, Office

VOCABULARY = '[[places]]\nname = "Harwick"\nwords = ["HWK"]\n'


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    found = Office()
    found.hear(outage(14))
    found.watch()
    monkeypatch.setattr(target, "for_stage", lambda _stage: SimpleNamespace())
    monkeypatch.setattr(records, "table", lambda _where: found.table)
    monkeypatch.setattr(records, "answer_ports", lambda _stage: found.answering)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ours.toml"


def written(file: Path, toml: str) -> str:
    file.write_text(toml, encoding="utf-8")
    return str(file)


def test_the_list_and_one(office: Office) -> None:
    code, text = run("incidents")
    assert code == 0
    assert office.one.incident_id in text
    code, text = run("incidents", "show", office.one.incident_id)
    assert code == 0
    for part in ("14 people", "What is unusual", "New people in ten minutes", "earshot  opened"):
        assert part in text
    assert json.loads(run("incidents", "--json")[1])["incidents"][0]["people"] == 14
    assert len(json.loads(run("incidents", "show", office.one.incident_id, "--json")[1])["members"]) == 14
    assert run("incidents", "--closed") == (0, "No incident is over on local.\n")


def test_acting_on_one(office: Office) -> None:
    incident_id = office.one.incident_id
    assert run("incidents", "act", incident_id, "rename", "Sign-in is down", "--by", "ann")[0] == 0
    assert office.one.title == "Sign-in is down"
    code, text = run("incidents", "act", incident_id, "take-out", "c000000000000000")
    assert code == 1
    assert "not in this incident" in text
    assert run("incidents", "act", incident_id, "close")[1] == "Done. 14 people, closed.\n"


@pytest.mark.parametrize(("incident_id", "code"), [("nonsense", 2), ("i000000000000000", 1)])
def test_an_unknown_one(office: Office, incident_id: str, code: int) -> None:
    assert run("incidents", "show", incident_id)[0] == code


def test_answering_everybody_shows_first_and_asks(office: Office) -> None:
    incident_id, text = office.one.incident_id, "Hi {name}, it works again."
    code, shown = run("incidents", "answer", incident_id, "--text", text, "--preview")
    assert code == 0
    assert "Hi h500, it works again." in shown
    assert "14 answers, 0 skipped" in shown
    assert office.queues.sent == {}
    assert run("incidents", "answer", incident_id, "--text", text, input_="n\n")[0] == 1
    assert office.queues.sent == {}
    code, sent = run("incidents", "answer", incident_id, "--text", text, "--yes")
    assert code == 0
    assert "14 answers are on their way." in sent
    assert len(office.queues.sent["replies"]) == 14


def test_a_vocabulary_from_file_to_force(office: Office, file: Path) -> None:
    assert "no vocabulary yet" in run("vocabulary", "show")[1]
    code, text = run("vocabulary", "check", written(file, VOCABULARY))
    assert (code, text) == (
        0,
        f"{file}: no mistakes.\n  1 places and 0 products, called by 2 names and words\n",
    )
    code, text = run("vocabulary", "apply", str(file), "--yes", "--by", "ann")
    assert code == 0
    assert "Version 1 is in force." in text
    assert "Nothing changes" in run("vocabulary", "apply", str(file), "--yes")[1]
    assert run("vocabulary", "show", "--toml")[1] == VOCABULARY
    assert "Version 1, applied" in run("vocabulary", "show")[1]
    assert run("vocabulary", "apply", written(file, VOCABULARY + "\n"), "--yes", "--by", "bob")[0] == 0
    assert records.documents("local").current(DocumentKind.VOCABULARY).version == 2


def test_nothing_is_applied_without_a_yes(office: Office, file: Path) -> None:
    assert run("vocabulary", "apply", written(file, VOCABULARY), input_="n\n")[0] == 1
    assert records.documents("local").current(DocumentKind.VOCABULARY) is None


@pytest.mark.parametrize("command", ["check", "apply"])
def test_a_mistake_is_named_with_its_line(office: Office, file: Path, command: str) -> None:
    broken = '[[places]]\nname = "A"\n\n[[products]]\nname = "B"\nwords = ["a"]\n'
    code, text = run("vocabulary", command, written(file, broken))
    assert code == 1
    assert f"{file}:4: products[0]: 'a' stands for A already; give it to one of the two" in text
    assert "earshot vocabulary check" in text


def test_whom_a_crisis_wakes(office: Office, file: Path) -> None:
    toml = '[crisis]\ngroup = "press-office"\nthreshold = 6\n'
    assert run("incidents", "settings", "check", written(file, toml))[0] == 0
    assert run("incidents", "settings", "apply", str(file), "--yes")[0] == 0
    assert "it wakes press-office" in run("incidents", "settings", "show")[1]
    assert run("incidents", "settings", "check", written(file, "[crisis]\nthreshold = 99\n"))[0] == 1


def test_causes_of_days(office: Office) -> None:
    before = run("report", "causes", "--from", DAY.isoformat(), "--to", DAY.isoformat())[1]
    assert "Not known yet." in before
    assert "Nobody complained" not in before
    office.rebuild()
    code, text = run("report", "causes", "--from", DAY.isoformat(), "--to", str(DAY + timedelta(days=1)))
    assert code == 0
    assert "aspect  app  14" in text
    assert "1 days were never rolled up" in text
    lines = json.loads(run("report", "causes", "--from", DAY.isoformat(), "--to", DAY.isoformat(), "--json")[1])
    assert lines == [{"day": DAY.isoformat(), "kind": "aspect", "name": "app", "channel": "x.main", "cases": 14}]
    assert datetime.now(UTC).date() > DAY
