"""Raw requests become facts on two lanes, or wait whole in quarantine."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.cursors import TableCursors
from chalicelib.adapters.memory.outside import MemoryBodies, MemoryQueues
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.quarantine import TableQuarantine
from chalicelib.classify import classify
from chalicelib.domain.facts import Author, ChannelTrouble, Fact, FactKind, TroubleKind
from chalicelib.domain.labels import Labels, Urgency
from chalicelib.ports.connector.parsing import DASHBOARD_TEST, ChannelSettings, Ignored, Parsed, Unread, Unreadable
from chalicelib.ports.connector.receiving import InboundRequest
from chalicelib.ports.inbound import InboundMessage
from chalicelib.ports.messages import decode_mention
from chalicelib.usecases.labelling import Labelling
from chalicelib.usecases.triage import (
    MOST_FACT_BYTES,
    MOST_ID_BYTES,
    MOST_TEXT_CHARS,
    MOST_WANTED,
    ORDINARY,
    URGENT,
    Ports,
    Sorted,
    triage,
)
from tests.usecases.world import answered, deleted, edited, fact, labelling, wrote

NOW = datetime(2026, 3, 2, 9, 0, 5, tzinfo=UTC)
BODY = b'{"text": "\\u00e9"}'


class Down(Exception):
    """A service that does not answer."""


def labels(urgency: Urgency = Urgency.NORMAL) -> Labels:
    made = classify("where is my bag")
    return replace(made, urgency=replace(made.urgency, value=urgency))


@dataclass
class Desk:
    """Everything triage needs, in memory."""

    channels: Mapping[str, ChannelSettings] = field(default_factory=dict)
    queues: MemoryQueues = field(default_factory=MemoryQueues)
    bodies: MemoryBodies = field(default_factory=MemoryBodies)
    table: MemoryTable = field(default_factory=MemoryTable)
    troubles: list[ChannelTrouble] = field(default_factory=list)
    judged: list[Fact] = field(default_factory=list)
    urgency: Urgency = Urgency.NORMAL

    @property
    def quarantine(self) -> TableQuarantine:
        return TableQuarantine(self.table, self.bodies, now=lambda: NOW)

    @property
    def ports(self) -> Ports:
        return Ports(
            channels=self,
            queues=self.queues,
            bodies=self.bodies,
            quarantine=self.quarantine,
            labelling=labelling(self.classify),
            report_trouble=self.troubles.append,
        )

    def settings(self, channel: str) -> ChannelSettings:
        return self.channels.get(channel, ChannelSettings())

    def classify(self, about: Fact) -> Labels:
        self.judged.append(about)
        return labels(self.urgency)

    def take(self, *facts: Any, message: InboundMessage | None = None, judge: Labelling | None = None) -> Sorted:
        ports = replace(self.ports, labelling=judge) if judge else self.ports
        return triage(message or inbound(), Told(*facts), ports)

    def lane(self, queue: str) -> list[Fact]:
        return [decode_mention(body).fact for body in self.queues.sent.get(queue, ())]


class Told:
    """A connector that says what it was told to; an exception among it is raised."""

    def __init__(self, *found: Any) -> None:
        self._found = found
        self.requests: list[tuple[InboundRequest, ChannelSettings]] = []

    def parse(self, request: InboundRequest, settings: ChannelSettings) -> Parsed:
        self.requests.append((request, settings))
        for item in self._found:
            if isinstance(item, BaseException):
                raise item
        kinds = (Fact, ChannelTrouble, Ignored, Unread)
        facts, troubles, ignored, unread = (tuple(i for i in self._found if isinstance(i, kind)) for kind in kinds)
        return Parsed(facts=facts, troubles=troubles, ignored=ignored, unread=unread)


def inbound(**values: Any) -> InboundMessage:
    made = InboundMessage(
        platform="x", channel="x.main", headers={"x-sig": "s"}, received_at=NOW, request_id="r1", body=BODY
    )
    return replace(made, **values)


def trouble() -> ChannelTrouble:
    return ChannelTrouble(
        kind=TroubleKind.ACCESS_REVOKED,
        platform="x",
        channel="x.main",
        account_id="900",
        detail="revoked",
        received_at=NOW,
    )


# --- lanes -----------------------------------------------------------------------------------------------------

PRIVATE = {"private": True, "thread_id": "501-900", "customer_id": "501"}
FACTS: dict[str, tuple[Fact, str]] = {
    "a mention": (wrote("1", 0), ORDINARY),
    "a private message": (wrote("1", 0, private=True, thread_id="501-900"), ORDINARY),
    "a mention without a text": (replace(wrote("1", 0), text=None), ORDINARY),
    "an answer seen coming back": (answered("2", 1, "1"), URGENT),
    "an answer in private": (answered("2", 1, None, **PRIVATE), URGENT),
    "an answer by a bot": (answered("2", 1, "1", by_person=False), URGENT),
    "a post of the brand": (answered("2", 1, None), URGENT),
    "an edit": (edited("1", 1, "my bags"), URGENT),
    "a deletion": (deleted("1", 2), URGENT),
    "hidden": (fact(FactKind.HIDE, "1", 2), URGENT),
    "shown again": (fact(FactKind.UNHIDE, "1", 3), URGENT),
}


@pytest.mark.parametrize("name", FACTS)
def test_whatever_can_stop_a_clock_takes_the_urgent_lane(name):
    item, lane = FACTS[name]
    desk = Desk()
    result = desk.take(item)
    assert desk.lane(lane) == [item]
    assert set(desk.queues.sent) == {lane}
    assert (result.urgent, result.ordinary) == ((1, 0) if lane == URGENT else (0, 1))


@pytest.mark.parametrize(
    ("urgency", "lane"),
    [(Urgency.LOW, ORDINARY), (Urgency.NORMAL, ORDINARY), (Urgency.HIGH, URGENT), (Urgency.CRITICAL, URGENT)],
)
def test_an_urgent_mention_takes_the_urgent_lane(urgency, lane):
    desk = Desk(urgency=urgency)
    desk.take(wrote("1", 0))
    assert set(desk.queues.sent) == {lane}
    [body] = desk.queues.sent[lane]
    assert decode_mention(body).labels == labels(urgency)


@given(st.lists(st.sampled_from(list(FACTS)), max_size=12), st.sampled_from(Urgency))
def test_every_fact_is_on_exactly_one_lane_in_its_order(names, urgency):
    facts = [replace(FACTS[name][0], message_id=str(number)) for number, name in enumerate(names)]
    desk = Desk(urgency=urgency)
    result = desk.take(*facts)
    found = {queue: desk.lane(queue) for queue in (URGENT, ORDINARY)}
    assert sorted([*found[URGENT], *found[ORDINARY]], key=lambda f: int(f.message_id)) == facts
    assert all(lane == sorted(lane, key=lambda f: int(f.message_id)) for lane in found.values())
    assert (result.urgent, result.ordinary) == (len(found[URGENT]), len(found[ORDINARY]))


def test_only_what_a_customer_wrote_is_judged():
    desk = Desk()
    desk.take(*(item for item, _ in FACTS.values()))
    assert {item.kind for item in desk.judged} == {FactKind.MENTION, FactKind.EDIT}


def test_the_connector_sees_the_request_as_it_came_and_its_channels_settings():
    desk = Desk(channels={"x.main": ChannelSettings(accounts=frozenset({"900"}))})
    told = Told()
    triage(inbound(replays=3), told, desk.ports)
    [(request, settings)] = told.requests
    assert (request.body, request.received_at, request.headers) == (BODY, NOW, {"x-sig": "s"})
    assert settings == ChannelSettings(accounts=frozenset({"900"}))


def test_a_large_body_comes_from_the_bucket():
    desk, told = Desk(), Told()
    desk.bodies.put("large/2026-03-02/r1", BODY)
    triage(inbound(body=None, body_ref="large/2026-03-02/r1"), told, desk.ports)
    assert told.requests[0][0].body == BODY


def test_what_is_no_fact_is_counted_and_goes_nowhere():
    desk = Desk()
    result = desk.take(Ignored(what="like", reason="no text"), Ignored(what="like", reason="no text"))
    assert result == Sorted(ignored=("like", "like"))
    assert desk.queues.sent == {}
    assert desk.table.everything() == {}


def test_trouble_is_reported_after_the_facts_are_safe():
    desk = Desk()
    result = desk.take(wrote("1", 0), trouble())
    assert desk.troubles == [trouble()]
    assert (result.troubles, result.ordinary) == (1, 1)


def test_trouble_that_cannot_be_reported_comes_again_and_the_facts_are_safe():
    desk = Desk()

    def refuse(_: ChannelTrouble) -> None:
        raise Down

    with pytest.raises(Down):
        triage(inbound(), Told(wrote("1", 0), trouble()), replace(desk.ports, report_trouble=refuse))
    assert [item.message_id for item in desk.lane(ORDINARY)] == ["1"]


# --- quarantine ------------------------------------------------------------------------------------------------

long_id = "9" * (MOST_ID_BYTES + 1)
wide_id = "é" * (MOST_ID_BYTES // 2 + 1)
UNREADABLE: dict[str, Any] = {
    "the connector says so": Unreadable("no such field"),
    "a bug of the connector": KeyError("SECRET text of a customer"),
    "another bug": RecursionError("SECRET text of a customer"),
    "a message without an id": wrote("", 0),
    "a message id that is too long": wrote(long_id, 0),
    "a message id that is too long in bytes": wrote(wide_id, 0),
    "a thread id that is too long": wrote("1", 0, thread_id=long_id),
    "a thread without an id": wrote("1", 0, thread_id=""),
    "a parent id that is too long": wrote("1", 0, parent_id=long_id),
    "a parent without an id": answered("1", 0, ""),
    "an author id that is too long": wrote("1", 0, who=long_id),
    "an author without an id": wrote("1", 0, who=""),
    "another id that is too long": wrote("1", 0, alias_ids=("2", long_id)),
    "another id that is empty": wrote("1", 0, alias_ids=("",)),
    "a customer id that is too long": answered("1", 0, None, private=True, thread_id="t", customer_id=long_id),
    "an id that no store takes": wrote("1\ud800", 0),
    "a text that no store takes": wrote("1", 0, text="\ud800"),
    "more than an item holds": wrote("1", 0, permalink="p" * MOST_FACT_BYTES),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_kept_whole_and_what_stands_beside_it_goes_on(name):
    desk, broken = Desk(), UNREADABLE[name]
    result = desk.take(wrote("100", 0), trouble(), broken)
    assert result.quarantined
    assert "SECRET" not in result.quarantined
    beside = not isinstance(broken, Exception)  # of what raises nothing was read
    assert [fact.message_id for fact in desk.lane(ORDINARY)] == ["100"] * beside
    assert desk.troubles == [trouble()] * beside
    assert result.quarantined.startswith("1 of its items: ") == beside
    [entry] = desk.quarantine.waiting()
    assert entry.reason == result.quarantined
    assert desk.quarantine.message(entry) == inbound()


def test_an_item_that_the_connector_could_not_read_keeps_the_body_and_nobody_back():
    desk = Desk()
    result = desk.take(wrote("100", 0), Unread(reason="an item lacks its mid"))
    assert [fact.message_id for fact in desk.lane(ORDINARY)] == ["100"]
    [entry] = desk.quarantine.waiting()
    assert entry.reason == result.quarantined == "1 of its items: an item lacks its mid"
    assert desk.quarantine.message(entry) == inbound()


def test_a_body_that_is_kept_is_kept_before_anything_of_it_is_sent():
    desk = Desk()

    def refuse(*_: Any) -> None:
        raise Down

    desk.queues.send = refuse
    with pytest.raises(Down):
        desk.take(wrote("100", 0), Unread(reason="an item lacks its mid"))
    assert desk.quarantine.waiting()


def test_a_test_from_the_platforms_own_page_leaves_a_sign_and_nothing_else():
    desk, tested = Desk(), []
    ports = replace(desk.ports, tell_tested=tested.append)
    triage(inbound(), Told(Ignored(what=DASHBOARD_TEST, reason="nobody")), ports)
    triage(inbound(), Told(Ignored(what="like", reason="no text")), ports)
    assert tested == ["x.main"]
    assert desk.queues.sent == {}


def test_what_a_body_only_names_is_left_for_the_next_poll():
    desk = Desk()
    cursors = TableCursors(desk.table)
    many = [f"review/{number}" for number in range(MOST_WANTED + 1)]

    class Naming(Told):
        def parse(self, request, settings):
            return replace(super().parse(request, settings), wanted=("", "9" * (MOST_ID_BYTES + 1), *many, *many))

    triage(inbound(), Naming(), replace(desk.ports, wants=cursors))
    assert set(cursors.wanted("x.main", 1000)) == set(many[:MOST_WANTED])
    assert desk.queues.sent == {}
    triage(inbound(), Told(), desk.ports)  # where nobody keeps them, the facts go on all the same


@pytest.mark.parametrize("message_id", ["9" * MOST_ID_BYTES, "é" * (MOST_ID_BYTES // 2)], ids=len)
def test_the_longest_ids_are_taken(message_id):
    desk = Desk()
    assert desk.take(wrote(message_id, 0, parent_id=message_id, thread_id=message_id)).quarantined is None


def test_a_text_longer_than_any_platforms_is_cut():
    desk = Desk()
    result = desk.take(wrote("1", 0, text="é" * (MOST_TEXT_CHARS + 1)))
    assert result.quarantined is None
    [item] = desk.lane(ORDINARY)
    assert (item.text, item.cut) == ("é" * MOST_TEXT_CHARS, True)
    assert [len(judged.text or "") for judged in desk.judged] == [MOST_TEXT_CHARS]


def test_a_replayed_request_keeps_its_count_in_quarantine():
    desk = Desk()
    desk.take(Unreadable("still"), message=inbound(replays=4))
    [entry] = desk.quarantine.waiting()
    assert entry.replays == 4


def test_the_same_unreadable_request_twice_waits_once():
    desk = Desk()
    for _ in range(2):
        desk.take(Unreadable("no such field"))
    assert len(desk.quarantine.waiting()) == 1


# --- what may pass ---------------------------------------------------------------------------------------------


class NoSettings(Desk):
    def settings(self, *_: Any) -> ChannelSettings:
        raise Down


class NoQueues(MemoryQueues):
    def send(self, *_: Any) -> None:
        raise Down


class NoBodies(MemoryBodies):
    def put(self, *_: Any) -> None:
        raise Down


class NoModel(Desk):
    def classify(self, *_: Any) -> Labels:
        raise Down


PASSING: dict[str, tuple[Desk, tuple[Any, ...]]] = {
    "no settings": (NoSettings(), (wrote("1", 0),)),
    "no queue": (Desk(queues=NoQueues()), (wrote("1", 0),)),
    "no quarantine": (Desk(bodies=NoBodies()), (Unreadable("no such field"),)),
}


def test_a_model_that_fails_holds_up_nobody():
    desk = NoModel()
    desk.take(wrote("1", 0))
    assert desk.lane(URGENT) == [wrote("1", 0)]


@pytest.mark.parametrize("name", PASSING)
def test_what_may_pass_is_raised_and_not_quarantined(name):
    desk, found = PASSING[name]
    with pytest.raises(Down):
        desk.take(*found)
    assert desk.table.everything() == {}


def test_a_large_body_that_is_gone_is_raised():
    with pytest.raises(KeyError):
        triage(inbound(body=None, body_ref="large/gone"), Told(), Desk().ports)


def test_the_longest_post_of_all_platforms_is_kept_whole_whatever_it_is_made_of():
    desk = Desk()
    result = desk.take(wrote("1", 0, text="\U0001f621" * 63_206))
    assert not result.quarantined
    [item] = desk.lane(ORDINARY)
    assert (item.text, item.cut) == ("\U0001f621" * 63_206, False)


def test_a_fact_says_whether_its_account_is_ours_by_the_channels_settings():
    desk = Desk(channels={"x.main": ChannelSettings(accounts=frozenset({"900"}))})
    desk.take(wrote("1", 0), wrote("2", 0, account_id="901"), wrote("3", 0, own_account=True, account_id="902"))
    assert {fact.message_id: fact.own_account for fact in desk.lane(ORDINARY)} == {"1": True, "2": False, "3": False}


def test_an_author_without_a_name_is_no_reason_to_refuse():
    desk = Desk()
    desk.take(replace(wrote("1", 0), author=None), replace(wrote("2", 0), author=Author(id="501")))
    assert len(desk.lane(ORDINARY)) == 2
