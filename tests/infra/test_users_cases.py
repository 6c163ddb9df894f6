"""Users and cases on the command line."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.access import TableUsers
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.domain.events import EventKind
from chalicelib.domain.facts import Author, Media
from chalicelib.ports.access import Role
from chalicelib.usecases.act import AnswerCustomer, MoveCase, Note
from infra import terminal
from infra.deploy import queues, target
from infra.deploy.target import Target
from infra.operate import records
from infra.paths import ROOT
from infra.problem import Problem
from tests.infra.test_cli import run
from tests.usecases.test_act import Desk
from tests.usecases.world import PROMISES, answered, deleted, take, wrote

NOW = datetime.now(UTC)


class StageInMemory:
    """What `target.for_stage` gives; its table is a desk's."""

    url: str | None = "https://api.test/local"
    coming: Mapping[str, int] = {}

    def api_url(self) -> str:
        if self.url is None:
            raise Problem("Stage local has no functions.", "`earshot up`")
        return self.url


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> StageInMemory:
    where = StageInMemory()
    monkeypatch.setattr(target, "for_stage", lambda _stage: where)
    monkeypatch.setattr(queues, "on_their_way", lambda stage: stage.coming)
    return where


@pytest.fixture
def desk(stage: StageInMemory, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(records, "table", lambda _where: made.table)
    monkeypatch.setenv("COLUMNS", "160")  # tables are as wide as the terminal
    return made


@pytest.fixture
def users(desk: Desk) -> TableUsers:
    users: TableUsers = desk.ports.users
    return users


# --- users ----------------------------------------------------------------------------------------------------


def token_in(text: str) -> str:
    found = re.search(r"^ {4}([A-Za-z0-9_-]{43})$", text, re.MULTILINE)
    assert found, text
    return found[1]


def test_a_new_user_gets_a_token_and_a_line_to_try_it(users: TableUsers) -> None:
    code, text = run("users", "add", "zoe@example.org", "--role", "lead")
    assert code == 0
    token = token_in(text)
    assert f"curl -H 'Authorization: Bearer {token}' https://api.test/local/api/me" in text
    user = users.by_token(token)
    assert user is not None
    assert (user.name, user.role) == ("zoe@example.org", Role.LEAD)


def test_the_token_is_shown_even_when_there_is_no_api_yet(users: TableUsers, stage: StageInMemory) -> None:
    stage.url = None
    code, text = run("users", "add", "zoe", "--role", "agent")
    assert code == 0
    assert users.by_token(token_in(text))
    assert "Next step: `earshot up`" in text


def test_another_token(users: TableUsers) -> None:
    first = token_in(run("users", "add", "zoe", "--role", "agent")[1])
    second = token_in(run("users", "rotate", "zoe")[1])
    assert users.by_token(first) is None
    assert users.by_token(second)


def test_a_removed_user_is_out(users: TableUsers) -> None:
    token = token_in(run("users", "add", "zoe", "--role", "agent")[1])
    code, text = run("users", "remove", "zoe", input_="n\n")
    assert (code, "Aborted" in text) == (1, True)
    assert users.by_token(token)
    assert run("users", "remove", "zoe", input_="y\n")[0] == 0
    assert users.by_token(token) is None


def test_removing_without_a_question(users: TableUsers) -> None:
    assert run("users", "remove", "ann", "--yes")[0] == 0
    assert users.by_token("token-of-ann") is None


def test_the_list_shows_the_end_of_a_token_and_no_more(users: TableUsers) -> None:
    token = token_in(run("users", "add", "zoe", "--role", "admin")[1])
    run("users", "remove", "bob", "--yes")
    code, text = run("users", "list")
    assert code == 0
    lines = {line.split()[0]: line for line in text.splitlines()}
    assert list(lines) == ["ann", "bob", "zoe"]
    assert "removed" in lines["bob"]
    assert "admin" in lines["zoe"]
    assert f"…{token[-4:]}" in lines["zoe"]
    assert token not in text


def test_nobody_yet(stage: StageInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.adapters.memory.table import MemoryTable

    monkeypatch.setattr(records, "table", lambda _where: MemoryTable())
    code, text = run("users", "list")
    assert code == 0
    assert "Next step: `earshot users add" in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (
            ["add", "ann", "--role", "agent"],
            1,
            "There is a user ann already.\nNext step: `earshot users rotate ann --stage local`",
        ),
        (["rotate", "zoe"], 1, "There is no user zoe on local.\nNext step: `earshot users list --stage local`"),
        (["remove", "zoe", "--yes"], 1, "There is no user zoe"),
        (["add", "zoe"], 2, "Missing option '--role'"),
        (["add", "zoe", "--role", "king"], 2, "'king' is not one of"),
        (["add", "Zoe!", "--role", "agent"], 2, "lower-case letters"),
        (["add", "a:b", "--role", "agent"], 2, "lower-case letters"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_says_why(users: TableUsers, arguments: list[str], code: int, said: str) -> None:
    ended, text = run("users", *arguments)
    assert ended == code
    assert said in text


# --- the list of cases ----------------------------------------------------------------------------------------


def recent(message_id: str, minutes_ago: float, **values: Any) -> Any:
    """A mention that the command line, which asks the real clock, finds so old."""
    moment = NOW - timedelta(minutes=minutes_ago)
    return wrote(message_id, 0, occurred_at=moment, received_at=moment, **values)


@pytest.fixture
def busy(desk: Desk) -> Desk:
    desk.act(MoveCase(kind=EventKind.SPAM))
    take(
        desk.cases,
        [
            recent("200", 10, who="502", text="my\nseat \x1b[31mis\x1b[0m\u202e wet"),
            recent("300", 90, who="503", text="three hours on the phone"),
        ],
    )
    return desk


def cells(line: str) -> list[str]:
    return re.split(r"  +", line)


def test_right_after_send_the_list_says_that_a_request_is_on_its_way(stage: StageInMemory, desk: Desk) -> None:
    stage.coming = {"inbound": 1, "mentions-urgent": 2}
    code, text = run("cases")
    assert code == 0
    assert "1 in inbound, 2 in mentions-urgent" in text
    assert "No open cases" not in text


def test_the_list_is_a_table_with_the_longest_open_first(busy: Desk) -> None:
    code, text = run("cases")
    assert code == 0
    head, *rows = [cells(line) for line in text.splitlines()]
    assert head == ["CASE", "PLATFORM", "STATUS", "WHO", "WHY IT STANDS HERE", "WHAT THEY SAID"]
    assert [row[1:4] + row[5:] for row in rows] == [
        ["x", "new", "h503", "three hours on the phone"],
        ["x", "new", "h502", "my seat is wet"],
    ]
    assert [re.sub(r"\d+", "N", row[4]) for row in rows] == [
        "waiting N h N min, first reply overdue by N min",
        "waiting N min, first reply due in N min",
    ]
    assert all(re.fullmatch("c[0-9a-f]{15}", row[0]) for row in rows)


def test_closed_cases_wait_for_nobody(busy: Desk) -> None:
    _, row = [cells(line) for line in run("cases", "--closed")[1].splitlines()]
    assert row[2:5] == ["spam", "h501", "-"]


def test_the_list_can_be_shorter(busy: Desk) -> None:
    assert len(run("cases", "--limit", "1")[1].splitlines()) == 2


def test_the_list_as_json(busy: Desk) -> None:
    code, text = run("cases", "--json")
    assert code == 0
    assert json.loads(text)["cases"][0]["text"] == "three hours on the phone"
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_an_empty_list_says_what_to_do_next(stage: StageInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib.adapters.memory.table import MemoryTable

    monkeypatch.setattr(records, "table", lambda _where: MemoryTable())
    code, text = run("cases", "--stage", "dev")
    assert code == 0
    found = re.search(r"`earshot send x (\S+) --stage dev`", text)
    assert found
    assert (ROOT / Path(found[1])).is_file()
    assert "`earshot cases --stage dev`" in run("cases", "--stage", "dev", "--closed")[1]
    assert json.loads(run("cases", "--json")[1]) == {"cases": []}


# --- one case -------------------------------------------------------------------------------------------------


def test_one_case_as_a_timeline(desk: Desk) -> None:
    take(desk.cases, [answered("102", 20, "100"), wrote("103", 30, parent_id="102", text="one\n\ntwo")])
    desk.act(Note(text="called the desk"), minutes=31, key="1")
    desk.act(AnswerCustomer(text="found it", private=True, then=EventKind.RESOLVE), minutes=32, key="2")
    code, text = run("cases", "show", desk.case_id)
    assert code == 0
    timeline = text.partition("Timeline (UTC)\n")[2].partition("\n\n")[0]
    assert timeline.splitlines() == [
        "    2026-03-03 10:00:00  h501 wrote",
        "        | my bag is lost",
        "    2026-03-03 10:20:00  the brand answered",
        "        | on it",
        "    2026-03-03 10:30:00  h501 wrote",
        "        | one",
        "        | ",
        "        | two",
        "    2026-03-03 10:31:00  ann noted",
        "        | called the desk",
        "    2026-03-03 10:32:00  ann asked to answer in private",
        "        | found it",
        "    2026-03-03 10:32:00  ann asked to resolve it when the answer is out",
    ]
    assert "first reply  met after 20 min (target 1 h)" in text
    assert re.search(r"next reply +overdue by \d+ d", text)
    assert "An answer is on its way. Then it is resolved." in text
    assert re.search(r"r[0-9a-f]{31}  queued, 0 tries", text)
    assert "Possible now: assign, hold, merge, note, priority, reply" in text


def test_one_case_explained(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "promises", lambda _stage: PROMISES)
    take(desk.cases, [answered("102", 20, "100")])
    code, text = run("cases", "explain", desk.case_id)
    assert code == 0
    assert "First reply: met\n    The clock for the first reply started on Tue 3 Mar 2026, 10:00 UTC" in text
    assert "    Kept. On Tue 3 Mar, 10:20 the brand answered (message 102), after 20 min.\n" in text
    told = json.loads(run("cases", "explain", desk.case_id, "--json")[1])
    assert [clock["metric"] for clock in told["clocks"]] == ["frt", "res"]
    assert run("cases", "explain", "nonsense")[0] == 2
    assert run("cases", "explain", "c0123456789abcde")[0] == 1


def test_two_cases_become_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "promises", lambda _stage: PROMISES)
    take(desk.cases, [wrote("200", 5, text="the seat"), wrote("300", 6, who="502", text="mine too")])
    staying, going, others = (desk.cases.addresses("x", [one])[one].case_id or "" for one in ("100", "200", "300"))
    before = len(desk.cases.events(staying))
    for arguments in (("--preview",), ("--yes", "--by", "lea")):
        code, text = run("cases", "merge", staying, "--from", going, *arguments)
        assert code == 0
        assert f"{going} becomes part of {staying}, with all that was said in it. Nothing takes that back." in text
        assert "    The first reply to message 200 was broken, and stays so.\n" in text  # it is long ago
        assert (f"{going} is part of {staying} now" in text) == ("--preview" not in arguments)
        assert (len(desk.cases.events(staying)) > before) == ("--preview" not in arguments)
    assert f"lea joined case {going} to this one" in run("cases", "show", staying)[1]
    assert f"{going} is part of {staying} already." in run("cases", "merge", staying, "--from", going)[1]
    code, text = run("cases", "merge", staying, "--from", others, "--yes")
    assert (code, "--other-customer" in text) == (1, True)
    assert run("cases", "merge", staying, "--from", others, "--yes", "--other-customer")[0] == 0
    assert run("cases", "merge", staying, "--from", "c0123456789abcde")[0] == 1


def test_deleted_texts_and_media(desk: Desk) -> None:
    take(desk.cases, [deleted("100", 5), wrote("101", 6, parent_id="100", text=None, media=(Media(kind="photo"),))])
    text = run("cases", "show", desk.case_id)[1]
    assert "| (deleted by its author)" in text
    assert "| [photo]" in text


def test_a_cut_text_and_a_shared_page(desk: Desk) -> None:
    page = Media(kind="link", url="https://x.test/page", title="A page\nann noted")
    take(desk.cases, [wrote("101", 6, parent_id="100", text="where is…", cut=True, media=(page,))])
    text = run("cases", "show", desk.case_id)[1]
    assert "| (only the beginning of this text came: the rest is on the platform)" in text
    assert "| A page ann noted https://x.test/page" in text


def test_no_text_of_a_stranger_can_pass_for_a_line_of_ours(desk: Desk) -> None:
    forged = "thanks\n    2026-03-03 10:40:00  ann noted\r\n\x1b[1A\x1b]0;title\x07refund granted\u2028    x"
    eve = Author(id="501", handle="eve\n    2026-03-03 10:40:00  ann", name="\u202eeve")
    take(desk.cases, [replace(wrote("101", 1, parent_id="100", text=forged), author=eve)])
    text = run("cases", "show", desk.case_id)[1]
    assert "| refund granted" in text
    assert not re.search(r"^    2026-03-03 10:40:00", text, re.MULTILINE)
    assert not [char for char in text if unicodedata.category(char) in ("Cc", "Cf") and char != "\n"]


def test_a_long_timeline_comes_in_slices_and_a_long_text_is_cut(desk: Desk) -> None:
    take(desk.cases, [wrote(str(200 + n), 2 + n / 60, parent_id="100", text=f"text {n:03}") for n in range(249)])
    take(desk.cases, [wrote("900", 40, parent_id="100", text="word " * 1_000)])
    newest = run("cases", "show", desk.case_id)[1]
    assert ("text 248" in newest, "text 000" in newest) == (True, False)
    assert "(and 2,000 more characters: --json shows all)" in newest
    left_out = re.search(r"(\d+) older entries: --first \1", newest)
    assert left_out is not None
    oldest = run("cases", "show", desk.case_id, "--first", left_out[1])[1]
    assert ("text 248" in oldest, "text 000" in oldest) == (False, True)
    assert "newer entries: without --first" in oldest


def test_other_cases_and_aliases(desk: Desk) -> None:
    take(desk.cases, [wrote("200", 5, text="the seat"), wrote("104", 26, who="504", parent_id="103")])
    alias = next(c.case_id for c in desk.cases.list(closed=False, limit=9) if c.author == "h504")
    first = next(c.case_id for c in desk.cases.list(closed=False, limit=9) if c.text == "my bag is lost")
    shown = run("cases", "show", first)[1]
    assert re.search(r"Other cases of the same author\n    c\w{15}  new, 2026-03-03, neutral  the seat", shown)
    take(desk.cases, [wrote("103", 25, who="504", parent_id="102"), wrote("102", 1, who="504")])
    code, text = run("cases", "show", alias)
    assert code == 0
    assert f"({alias} was found to be the same conversation" in text


def test_one_case_as_json_wherever_the_options_stand(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    where = target.for_stage("local")
    monkeypatch.setattr(target, "for_stage", lambda stage: asked.append(stage) or where)
    after = run("cases", "show", desk.case_id, "--json", "--stage", "dev")
    before = run("cases", "--json", "--stage", "dev", "show", desk.case_id)
    assert asked == ["dev", "dev"]
    assert (after[0], before[0]) == (0, 0)
    shown, again = json.loads(after[1]), json.loads(before[1])
    assert shown["case_id"] == again["case_id"] == desk.case_id
    assert shown["timeline"][0]["at"] == "2026-03-03T10:00:00Z"


@pytest.mark.parametrize(
    ("case_id", "code", "said"),
    [("c000000000000000", 1, "Next step: `earshot cases --stage local`"), ("../etc", 2, "a case's id is c and 15")],
)
def test_a_case_that_is_not_there(desk: Desk, case_id: str, code: int, said: str) -> None:
    ended, text = run("cases", "show", case_id)
    assert ended == code
    assert said in text


# --- strangers' text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        (None, ""),
        ("  two \t lines\r\nand\u2028more ", "two lines and more"),
        ("\x1b[31;1mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\x1b]8;;https://x.test\x1b\\link\x1b]8;;\x1b\\b", "alinkb"),
        ("a\x9b31mb", "ab"),
        ("never ends \x1b]0;text", "never ends 0;text"),
        ("lone \x1b", "lone"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07back\x08", "bellback"),
        ("half \ud83d pair", "half pair"),
        ("family 👩\u200d👧 ❤\ufe0f", "family 👩\u200d👧 ❤\ufe0f"),
        ("שלום", "שלום"),
    ],
)
def test_one_line(text: str | None, shown: str) -> None:
    assert terminal.one_line(text) == shown


@given(st.text(st.characters() | st.sampled_from("\x1b\x9b]\\[;m\u202e\u2066\r\n")))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    for line in (terminal.one_line(text), *terminal.paragraphs(text)):
        assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c != "\u200d"]


@given(st.text(st.sampled_from("ab漢字é\u0301👩")), st.integers(2, 12))
def test_a_cut_text_fits(text: str, columns: int) -> None:
    cut = terminal.cut(text, columns)
    assert terminal.width(cut) <= columns
    assert cut == text or cut.endswith("…")


def test_columns_stand_below_each_other_in_any_script() -> None:
    lines = terminal.table([["漢字", "one"], ["a", "two"]], columns=80)
    assert lines == ["漢字  one", "a     two"]


# --- the same on a real table ---------------------------------------------------------------------------------


@pytest.fixture
def real(aws: Target, monkeypatch: pytest.MonkeyPatch) -> Iterator[Target]:
    monkeypatch.setattr(target, "for_stage", lambda _stage: aws)
    yield aws
    client, name = aws.client("dynamodb"), aws.settings.table
    for item in client.scan(TableName=name, ConsistentRead=True)["Items"]:
        client.delete_item(TableName=name, Key={"pk": item["pk"], "sk": item["sk"]})


def test_users_and_cases_in_dynamodb(real: Target) -> None:
    take(TableCaseStore(records.table(real)), [recent("200", 10, who="502", text="my seat is wet")])
    listed = run("cases", "--limit", "1000")[1].splitlines()  # among what other tests left
    [line] = [line for line in listed if "my seat is wet" in line]
    assert "| my seat is wet" in run("cases", "show", cells(line)[0])[1]
    token = token_in(run("users", "add", "zoe", "--role", "agent")[1])
    assert records.users(real).by_token(token)
    second = token_in(run("users", "rotate", "zoe")[1])
    assert records.users(real).by_token(token) is None
    assert run("users", "remove", "zoe", "--yes")[0] == 0
    assert records.users(real).by_token(second) is None
    assert "zoe" in run("users", "list")[1]
