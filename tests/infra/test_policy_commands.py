"""`earshot policy` on a table in memory: nothing is written without a yes, and all is said in words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.documents.policies import HolidayList, read_toml
from chalicelib.domain.clock import Metric
from chalicelib.domain.facts import Author, Fact, FactKind
from chalicelib.policies import default_toml
from chalicelib.ports.cases import Labelled
from chalicelib.ports.policies import PolicyJob
from chalicelib.usecases import apply_policy, casework
from chalicelib.usecases.apply_policy import SECOND_WALK_AFTER, ClockMove, Forecast
from infra.operate.policy import applying, stage, words
from infra.problem import Problem
from tests.infra.test_cli import run
from tests.usecases.tripwire import Counter, Killed, Tripwire
from tests.usecases.world import no_waiting

NOW = datetime.now(UTC)
SHIPPED = default_toml()
QUICKER = SHIPPED.replace('first_reply = "60 min"', 'first_reply = "30 min"')
# Whatever the hour of the test, the shipped targets of one hour end in the first of these days.
CLOSED_DAYS = [NOW.date() + timedelta(days=days) for days in range(3)]
CLOSED = SHIPPED.replace('hours = "24/7"', f'hours = "24/7"\nholidays = [{", ".join(map(str, CLOSED_DAYS))}]')


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> MemoryTable:
    memory = MemoryTable()
    monkeypatch.setattr(stage, "of", lambda _name: stage.on_table(memory))
    return memory


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ours.toml"


def written(file: Path, toml: str) -> str:
    file.write_text(toml, encoding="utf-8")
    return str(file)


def open_cases(table: MemoryTable, count: int) -> None:
    where = stage.on_table(table)
    facts = [
        Fact(
            kind=FactKind.MENTION,
            platform="x",
            channel="x.main",
            account_id="900",
            message_id=str(100 + number),
            thread_id=str(100 + number),
            author=Author(id=str(number)),
            text="my bag",
            received_at=NOW - timedelta(minutes=1),
            occurred_at=NOW - timedelta(minutes=1),
        )
        for number in range(count)
    ]
    ports = casework.Ports(store=where.store, promises=where.policies.promises(), backoff=no_waiting, now=NOW)
    casework.take([Labelled(fact=fact) for fact in facts], ports)


# --- check ------------------------------------------------------------------------------------------------------


def test_a_file_without_mistakes_ends_with_0(file: Path) -> None:
    code, text = run("policy", "check", written(file, f"version = 3\n{SHIPPED}"))
    assert code == 0
    assert "no mistakes" in text
    assert "version: is not looked at" in text


def test_all_mistakes_are_listed_and_the_end_is_1(file: Path) -> None:
    bad = SHIPPED.replace('first_reply = "60 min"', 'first_reply = "1d"').replace('warn = "team"', "warn = 5")
    code, text = run("policy", "check", written(file, bad))
    assert code == 1
    assert "2 mistakes" in text
    for number, line in enumerate(bad.splitlines(), start=1):
        assert (f"{file}:{number}: " in text) == line.startswith(("warn = 5", 'targets = { first_reply = "1d"'))


def test_lists_of_holidays_are_named_with_their_end(file: Path) -> None:
    toml = SHIPPED.replace('hours = "24/7"', 'hours = "24/7"\nholidays = ["England"]')
    code, text = run("policy", "check", written(file, toml))
    assert code == 0
    assert f"the holidays of England, known until {NOW.year + 2}-12-31" in text


def test_names_of_lists_can_be_looked_up() -> None:
    assert run("policy", "holidays", "scotl") == (0, "GB-SCT   Scotland\n")
    code, text = run("policy", "holidays", "atlantis")
    assert code == 1
    assert "atlantis" in text


# --- show -------------------------------------------------------------------------------------------------------


def test_the_version_in_force_is_told_in_words(table: MemoryTable) -> None:
    code, text = run("policy", "show")
    assert code == 0
    assert "Version 1, as it ships." in text
    assert "1. public-critical: cases with priority critical" in text
    assert "first reply within 10 min, next reply within 20 min, resolution within 4 h" in text
    assert "2. standard: every case that fits none above" in text
    assert "always (UTC): round the clock" in text
    assert "on-call at once, care-lead after 15 min, duty-manager after 30 min, and again 1 h, 2 h, 3 h" in text


def test_the_document_itself_can_be_had_to_be_edited(table: MemoryTable, file: Path) -> None:
    assert run("policy", "show", "--toml") == (0, SHIPPED)
    run("policy", "apply", written(file, QUICKER), "--yes")
    assert run("policy", "show", "--toml") == (0, QUICKER)
    assert run("policy", "show", "--toml", "--version", "1") == (0, SHIPPED)
    code, text = run("policy", "show", "--version", "9")
    assert code == 1
    assert "the newest is 2" in text


def test_a_version_that_no_longer_reads_says_so(table: MemoryTable) -> None:
    broken = SHIPPED.replace('zone = "UTC"', 'zone = "Mars/Olympus"')
    stage.on_table(table).policies.apply(2, broken, at=NOW, actor="ann")
    code, text = run("policy", "show", "--version", "2")
    assert code == 1
    assert "calendars.always.zone" in text
    assert "Version 1" in run("policy", "show")[1]


# --- diff and apply ---------------------------------------------------------------------------------------------


def test_diff_says_what_changes_and_writes_nothing(table: MemoryTable, file: Path) -> None:
    open_cases(table, 3)
    before = table.everything()
    code, text = run("policy", "diff", written(file, QUICKER))
    assert code == 0
    assert "policy standard: first reply 1 h -> 30 min" in text
    assert "3 open cases looked at." in text
    assert "No running clock moves." in text
    assert "3 running clocks keep the target they began with: standard 3." in text
    assert table.everything() == before


def test_diff_says_what_a_closure_does_to_open_cases(table: MemoryTable, file: Path) -> None:
    open_cases(table, 3)
    text = run("policy", "diff", written(file, CLOSED))[1]
    assert "calendar always: also closed on" in text
    assert "standard: 6 clocks of 3 cases move, the earliest to" in text


def test_what_promises_the_same_is_not_applied(table: MemoryTable, file: Path) -> None:
    code, text = run("policy", "apply", written(file, f"# a remark\n{SHIPPED}"), "--yes")
    assert code == 0
    assert "Nothing changes: version 1" in text
    assert table.everything() == {}


def test_without_a_yes_nothing_is_written(table: MemoryTable, file: Path) -> None:
    code, _ = run("policy", "apply", written(file, QUICKER), input_="n\n")
    assert code == 1
    assert table.everything() == {}


def test_a_file_with_a_mistake_is_not_applied(table: MemoryTable, file: Path) -> None:
    code, text = run("policy", "apply", written(file, QUICKER.replace("30 min", "1d")), "--yes")
    assert code == 1
    assert f"{file}:" in text
    assert table.everything() == {}


def test_apply_brings_the_next_version_into_force_and_tells_the_open_cases(table: MemoryTable, file: Path) -> None:
    open_cases(table, 3)
    code, text = run("policy", "apply", written(file, CLOSED), "--by", "Lea Leader", input_="y\n")
    assert code == 0
    assert "Version 2 is in force" in text
    assert "3 open cases looked at: 3 moved to the edited hours." in text
    assert "looks once more in three minutes" in text
    where = stage.on_table(table)
    found = list(_all_open(where))
    assert len(found) == 3
    assert {clock.calendar_book for case in found for clock in case.state.running} == {2}
    assert "by Lea Leader" in run("policy", "show")[1]
    run("policy", "apply", written(file, QUICKER), "--yes")
    assert "Version 3" in run("policy", "show")[1]


def _all_open(where: stage.PolicyStage) -> Iterator[Any]:
    more = None
    while True:
        found = where.store.open_cases(limit=100, more=more)
        yield from found.cases
        more = found.more
        if more is None:
            return


def test_whoever_does_not_wait_leaves_the_cases_to_the_sweep(table: MemoryTable, file: Path) -> None:
    open_cases(table, 2)
    code, text = run("policy", "apply", written(file, CLOSED), "--yes", "--leave")
    assert code == 0
    assert "The sweep tells the open cases from here" in text
    job = stage.on_table(table).policies.job(2)
    assert job is not None
    assert (job.walk, job.changed) == (1, 0)


def test_a_command_that_dies_after_applying_has_left_the_job_behind(table: MemoryTable) -> None:
    open_cases(table, 2)
    where = stage.on_table(table)
    draft_job = where.policies.apply(2, CLOSED, at=NOW, actor="ann")
    dying = replace(where, store=Tripwire(where.store, Counter(kill_at=1)))
    with pytest.raises(Killed):
        applying.follow(draft_job.version, dying, lambda: NOW, _no_sleep)
    later = NOW + apply_policy.LEASE
    assert applying.follow(2, where, lambda: later, _no_sleep).changed == 2


def test_while_the_sweep_is_at_it_the_command_watches(table: MemoryTable) -> None:
    where = stage.on_table(table)
    job = where.policies.apply(2, CLOSED, at=NOW, actor="ann")
    where.policies.save(replace(job, next_at=NOW + apply_policy.LEASE))
    slept: list[float] = []
    moments = iter([NOW, NOW, NOW + SECOND_WALK_AFTER, NOW + SECOND_WALK_AFTER])
    done = applying.follow(2, where, lambda: next(moments), slept.append)
    assert slept == [applying.PAUSE_S]
    assert done.walk == 2


def test_two_who_apply_at_once_are_one_after_the_other(table: MemoryTable, file: Path) -> None:
    from infra.operate.policy.reading import read_file

    where = stage.on_table(table)
    proposal = applying.propose(read_file(Path(written(file, QUICKER)), today=NOW.date()), where)
    applying.apply(proposal, where, actor="ann", now=NOW)
    with pytest.raises(Problem, match="Somebody else has just applied version 2"):
        applying.apply(proposal, where, actor="bo", now=NOW)


def _no_sleep(_seconds: float) -> None:
    """Nobody else is at work in these tests."""


# --- words ------------------------------------------------------------------------------------------------------

BEFORE = """
[calendars.london]
zone = "Europe/London"
holidays = [2026-12-25]
special = { 2026-12-24 = ["09:00-13:00"] }
hours = { mon = ["09:00-17:00"], tue = ["09:00-17:00"], thu = ["09:00-12:00", "13:00-17:00"] }
[ladders.care]
warn = "team"
steps = [{ group = "on-call", after = "0 min" }, { group = "lead", after = "15 min" }]
[[policies]]
id = "vip"
match = { tiers = ["gold"], channels = ["x"] }
calendar = "london"
ladder = "care"
targets = { first_reply = "30 min", next_reply = "60 min" }
[[policies]]
id = "standard"
calendar = "london"
ladder = "care"
targets = { first_reply = "2 h" }
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"30 min"', '"20 min"', ["policy vip: first reply 30 min -> 20 min"]),
        (', next_reply = "60 min"', "", ["policy vip: next reply 1 h -> no promise"]),
        (
            '["gold"], ',
            '["gold", "blue"], ',
            ["policy vip: is for cases with channel x and tier gold -> cases with channel x and tier blue or gold"],
        ),
        (
            "[calendars.london]",
            'tiers = ["gold"]\n[calendars.london]',
            ["tiers none -> gold"],
        ),
        ('id = "vip"', 'id = "very"', ["policy very is new", "policy vip is gone"]),
        ("match = {", "warn_at_percent = 50\nmatch = {", ["policy vip: warns at 75 % -> 50 %"]),
        ('zone = "Europe/London"', 'zone = "UTC"', ["calendar london: zone Europe/London -> UTC"]),
        ('tue = ["09:00-17:00"], ', "", ["calendar london: Tue 09:00-17:00 -> closed"]),
        ('"09:00-13:00"', '"09:00-12:00"', ["calendar london: Thu 24 Dec 2026 09:00-13:00 -> 09:00-12:00"]),
        ("special = {", "# special = {", ["calendar london: Thu 24 Dec 2026 09:00-13:00 -> as every week"]),
        ('warn = "team"', 'warn = "crew"', ["ladder care: warns team -> crew"]),
        (
            'warn = "team"',
            'ack = "1 h"\nwarn = "team"',
            ["ladder care: is quiet after an acknowledgement for 30 min -> 1 h"],
        ),
        ("[calendars.london]", "# nothing\n[calendars.london]", []),
    ],
)
def test_each_change_is_said(old: str, new: str, says: list[str]) -> None:
    before, after = (read_toml(toml, today=None) for toml in (BEFORE, BEFORE.replace(old, new, 1)))
    assert words.difference(before, after) == says


def test_closed_days_and_steps_are_said_both_ways() -> None:
    after = BEFORE.replace("[2026-12-25]", "[2026-12-28]").replace('"15 min"', '"20 min"')
    assert words.difference(read_toml(BEFORE, today=None), read_toml(after, today=None)) == [
        "calendar london: also closed on Mon 28 Dec 2026",
        "calendar london: no longer closed on Fri 25 Dec 2026",
        "ladder care: calls on-call at once, lead after 15 min -> on-call at once, lead after 20 min",
    ]


def test_another_order_is_a_change() -> None:
    first = read_toml(
        BEFORE.replace('id = "standard"', 'id = "gold"\nmatch = { tiers = ["a"] }', 1) + _LAST, today=None
    )
    vip, gold, last = first.policies
    swapped = replace(first, policies=(gold, vip, last))
    assert words.difference(first, swapped) == ["policies are tried in another order: gold, vip, last"]


_LAST = """
[[policies]]
id = "last"
calendar = "london"
ladder = "care"
targets = {}
"""


def test_a_calendar_is_said_with_what_is_closed() -> None:
    lists = [HolidayList(calendar_id="london", name="England", until=date(2028, 12, 31))]
    lines = list(words.book(read_toml(BEFORE, today=None), lists))
    assert "  london (Europe/London): Mon to Tue 09:00-17:00, Thu 09:00-12:00 and 13:00-17:00" in lines
    assert "     closed on the holidays of England, known until Sun 31 Dec 2028" in lines
    assert "     closed on Fri 25 Dec 2026" in lines
    assert "     Thu 24 Dec 2026: 09:00-13:00" in lines


def move(case_id: str, policy_id: str, before: str, after: str, **values: Any) -> ClockMove:
    return ClockMove(
        case_id=case_id,
        policy_id=policy_id,
        metric=Metric.FRT,
        before=datetime.fromisoformat(f"{before}Z"),
        after=datetime.fromisoformat(f"{after}Z"),
        today=date(2026, 3, 3),
        zone="Europe/London",
        is_broken=values.get("is_broken", False),
    )


def test_the_forecast_is_said_by_policy() -> None:
    found = Forecast(
        cases=1_234,
        moves=[
            move("c1", "vip", "2026-03-04T10:00", "2026-03-03T10:00"),
            move("c1", "vip", "2026-03-04T11:00", "2026-03-03T09:00", is_broken=True),
            move("c2", "standard", "2026-03-03T10:00", "2026-03-04T10:00"),
        ],
        kept={"vip": 2},
        rematched=1,
        failed=["c9: Overtaken"],
    )
    assert list(words.forecast(found)) == [
        "1,234 open cases looked at.",
        "1 case becomes due today.",
        "1 case is no longer due today.",
        "  standard: 1 clock of 1 case moves, the earliest to Wed 4 Mar 2026 10:00 GMT",
        "  vip: 2 clocks of 1 case move, the earliest to Tue 3 Mar 2026 09:00 GMT; 1 would be broken at once",
        "2 running clocks keep the target they began with: vip 2.",
        "1 case will fall under another policy when its priority or tier next changes.",
        "1 case cannot be reckoned with: c9: Overtaken",
    ]


def test_cases_that_could_not_be_told_are_named() -> None:
    job = PolicyJob(
        version=2, applied_at=NOW, actor="ann", walk=2, seen=3, changed=1, failures=1, failed=("c1: OSError",)
    )
    assert words.told(job).endswith("1 could not be told and are tried once more: c1: OSError")
