"""
Adding a platform is one folder and its fixtures: nothing else is edited.

An invented platform lies in a temporary folder, which is added to where
connectors are looked for. It is heard by webhook and by poll, answered, shown
in the documents and looked at by the doctor, by the code as it ships.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import connectors
from chalicelib.adapters.cursors import TableCursors
from chalicelib.adapters.memory.outside import MemoryBodies, MemoryQueues, MemoryWeb
from chalicelib.domain import platforms
from chalicelib.domain.alerts import operations
from chalicelib.ports.cases import ReplyStatus
from chalicelib.ports.connector.calls import ApiKey, HttpCall, HttpResult
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import Answer, WebhookSecrets
from chalicelib.ports.inbound import decode
from chalicelib.usecases import listen, receive
from chalicelib.usecases.triage import triage
from infra.cli import options
from infra.operate import channels, connector_table, platform_setup
from infra.paths import ROOT
from tests import more_platforms
from tests.connectors.samples import RECEIVED_AT, TEST_SECRET, inbound, signed
from tests.usecases.platform import Desk as Outbox
from tests.usecases.test_listen import World
from tests.usecases.test_triage import Desk as Triage

NAME = "corkboard"
CHANNEL = f"{NAME}.main"
INVENTED = Path(__file__).parent / "invented"
SETTINGS = ChannelSettings(accounts=frozenset({"larkspur"}))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of code and one of fixtures, with the goldens that a contributor lets be written."""
    root = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(INVENTED / NAME, root / "chalicelib" / "connectors" / NAME)
    shutil.copytree(INVENTED / "fixtures", root / "tests" / "fixtures" / NAME)
    more_platforms.write_goldens(root, NAME)
    return root


@pytest.fixture
def added(root: Path) -> Iterator[None]:
    """The platform is there while a test runs, and gone without a trace after it."""
    assert NAME not in connectors.names()
    place = str(root / "chalicelib" / "connectors")
    connectors.__path__.append(place)
    connectors.names.cache_clear()
    yield
    connectors.__path__.remove(place)
    connectors.names.cache_clear()
    for name in [name for name in sys.modules if name.startswith(f"chalicelib.connectors.{NAME}")]:
        del sys.modules[name]
    vars(connectors).pop(NAME, None)


@dataclass
class Board:
    """The platform itself: notes, and who may write. Satisfies `ports.http.Http`."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    writer: str = "larkspur"
    calls: list[str] = field(default_factory=list)

    def perform(self, call: HttpCall) -> HttpResult:
        assert call.auth == ApiKey(header="X-Cork-Key", value="the-key")
        path = call.url.removeprefix("https://corkboard.example")
        self.calls.append(f"{call.method} {path}")
        if path == "/me":
            return _answer({"id": self.writer})
        if call.method == "POST":
            return _answer(self._pinned(call.json or {}))
        if path.startswith("/notes/"):
            return _answer(next(note for note in self.notes if str(note["id"]) == path.rpartition("/")[2]))
        after = int(call.params["after"])
        return _answer({"notes": [note for note in self.notes if note["id"] > after and not note.get("hidden")][:2]})

    def _pinned(self, body: Mapping[str, Any]) -> dict[str, Any]:
        note = {"id": 100 + len(self.notes), "by": self.writer, "at": "2026-03-02T09:05:00Z", **body}
        self.notes.append(note)
        return note


def _answer(body: Mapping[str, Any]) -> HttpResult:
    return HttpResult(status=200, body=json.dumps(body).encode())


def note(number: int, text: str, by: str = "mira", **more: Any) -> dict[str, Any]:
    return {"id": number, "by": by, "text": text, "at": f"2026-03-02T08:5{number % 10}:00Z", **more}


class KnownSecrets:
    """Satisfies `VerifySecrets` and `SendingSecrets`."""

    def verify_secrets(self, channel: str, *, fresh: bool = False) -> WebhookSecrets:  # noqa: ARG002
        return WebhookSecrets(secrets=(TEST_SECRET,))


def delivered(body: object, queues: MemoryQueues) -> Answer:
    """As the route does with a request, whatever the platform."""
    web = MemoryWeb()
    ports = receive.Ports(secrets=KnownSecrets(), queues=queues, bodies=MemoryBodies(), keys=web, http=web)
    request = signed(inbound(NAME, json.dumps(body).encode()))
    return receive.receive(request, connectors.webhook(NAME), connectors.webhook_facts(NAME), ports)


@pytest.mark.usefixtures("added")
def test_it_is_heard_by_webhook_and_by_poll_and_answered() -> None:
    board = Board(notes=[note(5, "The lift is broken again."), note(7, "And nobody comes.", hidden=True)])
    desk = Triage(channels={CHANNEL: SETTINGS})
    cursors = TableCursors(desk.table)
    sort_out = replace(desk.ports, wants=cursors)

    # It says hello, and is answered; then it tells of a note, and only names another.
    assert json.loads(delivered({"hello": "there"}, desk.queues).body) == {"hello": "there"}
    delivered({"notes": [board.notes[0], {"id": 7}]}, desk.queues)
    [message] = map(decode, desk.queues.sent["inbound"])
    sorted_ = triage(message, connectors.parser(NAME), sort_out)
    assert (sorted_.quarantined, sorted_.ignored) == (None, ("named_only",))
    assert cursors.wanted(CHANNEL, 10) == ("7",)

    # The minute comes: the poll hears what is new, and fetches what was only named.
    board.notes.append(note(9, "Thank you!"))
    world = World(channels=(CHANNEL,), accounts={CHANNEL: ("larkspur",)}, table=desk.table, queues=desk.queues)
    world.keys = SimpleNamespace(  # type: ignore[assignment]
        send_secrets=lambda *_, **__: SimpleNamespace(credentials={"key": "the-key"}, api_base=None)
    )
    made = {"poll_of": connectors.poll, "facts_of": connectors.poll_facts, "perform": board.perform}
    ports = replace(world.ports, **made)
    assert NAME in connectors.polled()
    listened = listen.listen(ports)
    assert listened.failed == []
    assert listened.counts["slices"] == 2
    assert cursors.wanted(CHANNEL, 10) == ()
    for heard in list(map(decode, desk.queues.sent["inbound"]))[1:]:
        assert triage(heard, connectors.parser(NAME), sort_out).quarantined is None
    told = [fact for lane in ("mentions-urgent", "mentions") for fact in desk.lane(lane)]
    assert sorted({(fact.message_id, fact.text) for fact in told}) == [
        ("note-5", "The lift is broken again."),
        ("note-7", "And nobody comes."),
        ("note-9", "Thank you!"),
    ]
    assert sum(fact.message_id == "note-5" for fact in told) == 2  # by both ways, folded by its id in the case

    # An agent answers; the answer stands below the note, once.
    mention = next(fact for fact in told if fact.message_id == "note-5")
    outbox = Outbox(mention=mention)
    outbox.platform, outbox.connector = board, connectors.reply(NAME)
    outbox.secrets.values["credentials"] = {"key": "the-key"}
    outbox.deliver()
    assert outbox.item.status is ReplyStatus.SENT
    [ours] = [one for one in board.notes if one["by"] == "larkspur"]
    assert (ours["below"], ours["text"]) == ("5", "we found it")


@pytest.mark.usefixtures("added")
def test_people_read_its_name_and_commands_take_its_channels() -> None:
    assert platforms.name_of(NAME) == "Corkboard"
    assert platforms.platform_of(NAME).mention_prefix == "~"
    since: datetime = RECEIVED_AT
    alert = operations.not_listening(
        platform=NAME, channel=CHANNEL, account_id="larkspur", reason="Down.", since=since, needs_keys=True, now=since
    )
    assert CHANNEL in "".join(map(str, alert.subject))
    assert options._channel(None, None, CHANNEL) == CHANNEL  # type: ignore[arg-type]
    assert [secret.name for secret in channels.wanted(NAME, "send")] == ["key"]
    assert channels.missing(NAME, "verify", []) == ["secrets"]
    assert connectors.poll_facts(NAME).every == timedelta(minutes=10)


@pytest.mark.usefixtures("added")
def test_the_documents_show_it() -> None:
    page = connector_table.page()
    assert "| [Corkboard (invented)](#corkboard) | `corkboard` | yes | yes |" in page
    assert "500 characters on a note" in page
    assert "0.5 USD; of an answer: not known" in page
    assert "earshot secrets set corkboard.main key --use send" in page
    readme = connector_table.readme((ROOT / "README.md").read_text())
    assert "| Corkboard | notes | notes below notes |" in readme


@pytest.mark.usefixtures("added")
@pytest.mark.parametrize(("writer", "level"), [("larkspur", "OK"), ("mira", "FAIL")])
def test_the_doctor_looks_at_it(monkeypatch: pytest.MonkeyPatch, writer: str, level: str) -> None:
    documents: dict[str, dict[str, Any]] = {
        "channels": {"accounts": ["larkspur"]},
        "send": {"accounts": {"larkspur": {"key": "the-key"}}},
        "verify": {"secrets": ["s"]},
    }
    monkeypatch.setattr(channels, "read", lambda _target, kind, _channel: documents[kind])
    target: Any = SimpleNamespace(api_url=lambda: "https://api.example/prod", stage="prod")
    [finding] = platform_setup.health(target, CHANNEL, Board(writer=writer).perform)
    assert finding.level == level
    assert finding.next_step in (None, "`earshot secrets set corkboard.main key --use send --stage prod`")


def test_it_passes_the_contract(root: Path) -> None:
    done = more_platforms.suite(root, NAME)
    assert done.returncode == 0, done.stdout[-6000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed
    assert int(passed[1]) > 150
    assert "skipped" not in done.stdout
