"""The documentation says what is there: links, commands, alarms, platforms, functions and packages."""

import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import click
import pytest

from chalicelib import connectors
from chalicelib.domain.alerts import case_alert
from chalicelib.domain.alerts.message import written
from chalicelib.domain.case.state import CaseState
from chalicelib.domain.watch import Due, PageKind
from infra.cli import main
from infra.demo import story, summary
from infra.deploy.packaging import normal, required
from infra.operate import connector_table
from infra.paths import CHALICE, ROOT, TEMPLATE

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
SOURCES = [
    *(path for folder in ("chalicelib", "infra", "bench") for path in sorted((ROOT / folder).rglob("*.py"))),
    TEMPLATE,
]
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

# What stands for something in a command, and something that it may stand for.
STAND_INS = {
    "<platform>": "x",
    "<name>": "aaa_mention",
    "<channel>": "x.main",
    "PLATFORM": "x",
    "CHANNEL": "x.main",
    "STAGE": "dev",
    "FILE": "README.md",
    "PORT": "4599",
    "NAME": "mentions",
    "ID": "c0123456789abcde",
    "VALUE": "value",
    "LINK": "0123456789",
    "...": "",
}


def text(name: str) -> str:
    return (ROOT / name).read_text()


# --- links ------------------------------------------------------------------------------------------------------


def links(page: Path) -> Iterator[tuple[str, str]]:
    """File (empty for the page itself) and anchor of every link that stays in the repository."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not target.startswith(("http://", "https://")):
            file, _, anchor = target.partition("#")
            yield file, anchor


def anchors(page: Path) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ +(.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = ROOT / name
    for file, anchor in links(page):
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{name}: no {file}"
        assert not anchor or anchor in anchors(target), f"{name}: {file or name} has no heading #{anchor}"


@pytest.mark.parametrize("name", NAMES)
def test_files_that_are_named_exist(name: str) -> None:
    named = re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?)`", text(name))
    roots = (ROOT, ROOT / "chalicelib", (ROOT / name).parent)
    made_later = (".chalice/deployed",)
    paths = [path for path in named if path.endswith(("/", ".py", ".md", ".toml", ".yaml", ".json", ".txt"))]
    for path in (path for path in paths if not path.startswith(made_later)):
        assert any((root / path).exists() for root in roots), f"{name}: there is no {path}"


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            targets = [(page.parent / file).resolve() for file, _ in links(page) if file.endswith(".md")]
            waiting += targets
    assert set(PAGES) <= reached


def test_pages_that_the_code_points_to_exist() -> None:
    for source in SOURCES:
        for page in re.findall(r"(?<![\w./])docs/[\w/-]+\.md", source.read_text()):
            assert (ROOT / page).is_file(), f"{source}: {page}"


# --- commands ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """A command line as a page has it."""

    page: str
    line: str

    def __str__(self) -> str:
        return f"{self.page}: {self.line}"


def commands(name: str) -> Iterator[Command]:
    """Every command in a code span or a code block, without comments and what comes after a pipe."""
    page = text(name).replace("\\\n", " ")
    spans = re.findall(r"`([^`\n]+)`", page)
    blocks = re.findall(r"^ {4,}(\S.*)$", page, re.MULTILINE)
    for line in (*spans, *blocks):
        bare = re.split(r"\s+#\s|\s\|\s|\s&&\s", line)[0].strip()
        if re.match(r"(\.venv/bin/)?(earshot|python)(\s|$)|make [a-z]", bare):
            yield Command(name, bare.removeprefix(".venv/bin/"))


COMMANDS = list(dict.fromkeys(command for name in NAMES for command in commands(name)))


def of(program: str) -> list[Command]:
    return [command for command in COMMANDS if command.line.split()[0] == program]


def filled(word: str) -> str:
    for placeholder, value in STAND_INS.items():
        word = re.sub(rf"(?<![A-Za-z]){re.escape(placeholder)}(?![A-Za-z])", value, word)
    return word


def check(arguments: list[str]) -> None:
    """Parse as the command line would, without running anything. A name without its arguments is a mention."""
    command: click.Command = main.main
    while isinstance(command, click.Group) and arguments:
        inner = command.get_command(click.Context(command), arguments[0])
        if inner is None:
            assert arguments[0].startswith("-"), f"no command {arguments[0]}"
            break
        command, arguments = inner, arguments[1:]
    if arguments:
        try:
            command.make_context("earshot", arguments)
        except click.MissingParameter as missing:
            assert isinstance(missing.param, click.Argument), missing.format_message()  # noqa: PT017


@pytest.mark.parametrize("command", of("earshot"), ids=str)
def test_every_command_in_the_documentation_is_understood(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = [filled(word) for word in shlex.split(command.line)[1:]]
    check([word for word in words if word])


@pytest.mark.parametrize("wrong", ["nonsense", "cases nonsense", "replay inbound", "send x README.md --nonsense"])
def test_a_wrong_command_would_be_found(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises((AssertionError, click.UsageError)):
        check(wrong.split())


def test_every_command_is_documented() -> None:
    documented = {command.line.split()[1] for command in of("earshot") if len(command.line.split()) > 1}
    assert set(main.main.list_commands(click.Context(main.main))) - documented - {"demo"} == set()  # `make demo`


@pytest.mark.parametrize("source", [path for path in SOURCES if path != ROOT / "infra" / "cli" / "main.py"], ids=str)
def test_commands_in_messages_and_alarms_are_understood(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for line in re.findall(r"`(earshot [^`{}\n]+)`", source.read_text()):
        check([filled(word) for word in shlex.split(line)[1:] if filled(word)])


@pytest.mark.parametrize("command", of("make"), ids=str)
def test_every_make_target_exists(command: Command) -> None:
    assert re.search(rf"^{command.line.split()[1]}:", text("Makefile"), re.MULTILINE)


@pytest.mark.parametrize("command", of("python"), ids=str)
def test_every_module_that_is_run_exists(command: Command) -> None:
    words = command.line.split()
    assert words[1] == "-m"
    assert importlib.util.find_spec(words[2])


def test_the_readme_opens_with_the_two_commands() -> None:
    block = re.search(r"(?:^ {4}.*\n)+", text("README.md"), re.MULTILINE)
    assert block
    assert [line.split("#")[0].strip() for line in block[0].splitlines()] == ["make demo", "make test"]


def test_the_readme_shows_the_numbers_of_the_demo() -> None:
    shown = "\n".join(f"    {line[2:]}" for line in summary.table(story.EXPECTED))
    assert shown in text("README.md")


# --- what must agree with the code --------------------------------------------------------------------------------


def test_every_alarm_has_a_section_in_the_runbook() -> None:
    alarms = re.findall(r"AlarmName: !Sub earshot-\$\{Stage\}-(\S+)", TEMPLATE.read_text())
    chapter = text("docs/runbook.md").partition("\n## Alarms\n")[2].partition("\n## ")[0]
    sections = dict(re.findall(r"^### (\S+)\n(.*?)(?=^### |\Z)", chapter, re.MULTILINE | re.DOTALL))
    assert sorted(sections) == sorted(alarms)
    for alarm, section in sections.items():
        for part in ("**Means**", "**Who hurts**", "**Look at**", "do**", "**Over when**"):
            assert part in section.replace("**Do**", "**do**"), f"{alarm} lacks {part}"


def test_the_page_of_platforms_is_that_of_the_manifests() -> None:
    assert text("docs/connectors.md") == connector_table.page(), "run `python -m infra.operate.connector_table --write`"


def test_the_readme_has_the_table_of_the_manifests() -> None:
    assert text("README.md") == connector_table.readme(text("README.md")), "run as above"
    assert all(f"| {connectors.manifest(name).name} |" in text("README.md") for name in connectors.names())


def test_the_table_of_functions_is_that_of_the_configuration() -> None:
    config = json.loads((CHALICE / "config.json").read_text())["lambda_functions"]
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| (\d+) s \| (\d+) MB \|", text("docs/architecture.md"), re.MULTILINE)
    assert {name: (int(timeout), int(memory)) for name, timeout, memory in rows} == {
        name: (values["lambda_timeout"], values["lambda_memory_size"]) for name, values in config.items()
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_count_of_the_functions_is_theirs(name: str) -> None:
    """Where a page counts what a stage has, it counts what the configuration names."""
    words = ("seven", "eight", "nine", "ten", "eleven", "twelve")
    count = len(json.loads((CHALICE / "config.json").read_text())["lambda_functions"])
    for told in re.findall(rf"\b({'|'.join(words)}) functions\b", text(name)):
        assert told == words[count - 7]


def test_the_readme_says_what_every_shipped_package_is_for() -> None:
    table = text("README.md").partition("| Package | For |")[2].partition("\n\n")[0]
    named = {normal(name) for row in table.splitlines() for name in re.split(r",\s*", row.strip("| ").split(" |")[0])}
    assert {normal(name) for name in required(ROOT / "requirements.txt")} <= named


def test_every_key_of_a_page_is_explained() -> None:
    due = Due(kind=PageKind.WARNING, clock_id="frt:x|1|mention", generation=0, step=0, group="team")
    page = case_alert.CaseAlert(
        due=due,
        case_id="c0123456789abcde",
        platform="x",
        state=CaseState(),
        clock=None,
        policy=None,
        now=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
        base_url="",
    )
    section = text("docs/pages.md").partition(f"## {case_alert.SCHEMA}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    assert {key for row in rows for key in re.findall(r"`(\w+)`", row)} == set(
        json.loads(written(case_alert.alert(page)).body)
    )


def test_every_rule_of_the_clock_has_its_section_and_its_state() -> None:
    page = text("docs/sla.md")
    rows = re.findall(r"^\| \[R(\d+)\].*\| (covered|partly|not yet) \|$", page, re.MULTILINE)
    sections = dict(re.findall(r"^## R(\d+) .*?\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    assert [int(number) for number, _ in rows] == [int(number) for number in sections] == list(range(1, 19))
    for number, state in rows:
        assert ("*Not yet" in sections[number]) == (state != "covered"), f"R{number}"


# --- decisions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("adr", ADRS, ids=lambda path: path.name)
def test_a_decision_has_number_date_status_and_reasons(adr: Path) -> None:
    body = adr.read_text()
    assert body.startswith(f"# {int(adr.name[:4])}. ")
    made = re.search(r"^Date: (\S+)\. Status: (accepted|superseded by \d+)\.$", body, re.MULTILINE)
    assert made
    assert date.fromisoformat(made[1]) >= date(2026, 1, 1)
    places = [body.index(f"\n## {part}\n") for part in ("Context", "Decision", "Consequences")]
    assert all(before < after for before, after in pairwise(places))


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    numbers = [int(adr.name[:4]) for adr in ADRS]
    assert numbers == list(range(1, len(ADRS) + 1))
    rows = [
        f"| [{number}]({adr.name}) | {adr.read_text().splitlines()[0].partition('. ')[2]} |"
        for number, adr in zip(numbers, ADRS, strict=True)
    ]
    assert re.findall(r"^\| \[.*$", text("docs/adr/README.md"), re.MULTILINE) == rows


def test_decisions_that_the_code_cites_exist() -> None:
    cited = {int(number) for source in SOURCES for number in re.findall(r"\bADR (\d+)", source.read_text())}
    assert cited
    assert cited <= {int(adr.name[:4]) for adr in ADRS}


# --- what does not belong here ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_no_page_names_a_place_that_only_its_writer_has(name: str) -> None:
    assert not re.search(r"(?<![\w.])/(work|tmp|home|root|Users)/", text(name))
