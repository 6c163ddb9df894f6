"""
One customer on every road of the product, among others, for the tests of what an erasure leaves.

All that says who she is or what she wrote holds MARK, so that whatever is
left of her is found by looking for it.
"""

import json
from base64 import b64decode
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count

from chalicelib.adapters.access import TableUsers
from chalicelib.adapters.alarms import TableAlarms
from chalicelib.adapters.cases import TableCaseStore
from chalicelib.adapters.erasure import TableTraces
from chalicelib.adapters.fixes import TableFixes
from chalicelib.adapters.incidents import TableIncidents
from chalicelib.adapters.leases import TableLeases
from chalicelib.adapters.memory.outside import MemoryBodies
from chalicelib.adapters.memory.table import MemoryTable
from chalicelib.adapters.policies import TablePolicies
from chalicelib.adapters.quarantine import TableQuarantine
from chalicelib.adapters.rollups import TableRollups
from chalicelib.adapters.signals import TableSignals
from chalicelib.domain.customer import ChangeKind
from chalicelib.domain.erasure import Seal
from chalicelib.domain.facts import Author, Media
from chalicelib.domain.fixes import What
from chalicelib.domain.incidents.incident import Act
from chalicelib.domain.incidents.usual import Hour, comparable
from chalicelib.domain.policy import PolicyBook, Targets
from chalicelib.ports.access import Role
from chalicelib.ports.cases import Labelled
from chalicelib.ports.connector.replying import Receipt
from chalicelib.ports.customers import Customer
from chalicelib.ports.dead_letters import DeadLetter
from chalicelib.ports.erasure import Erasure
from chalicelib.ports.inbound import InboundMessage, encode
from chalicelib.ports.messages import encode_mention
from chalicelib.ports.policies import Promises
from chalicelib.ports.table import Put
from chalicelib.usecases import answer_all, causes, customer_record, erase, incidents, merging, report, sla_watch
from chalicelib.usecases.act import ActRequest, AnswerCustomer, Note, act
from chalicelib.usecases.replies import outbox
from tests.usecases.outage import BEGAN, TROUBLE, Airline, outage
from tests.usecases.tripwire import Tripwire
from tests.usecases.world import STANDARD, T0, answered, at, deleted, edited, no_waiting, wrote

MARK = "zqmark"
SHE = Author(id=f"{MARK}-501", handle=f"{MARK}ada", name=f"Ada {MARK.title()}", followers=1500)
CUSTOMER = Customer(platform="x", author_key=SHE.id)
SEAL = Seal(b"a key that is kept elsewhere")
PROMISES = Promises(
    books={1: PolicyBook(version=1, policies=(replace(STANDARD, targets=Targets(frt_s=15 * 60, res_s=16 * 3600)),))}
)
NEXT_DAY = T0 + timedelta(days=1)
ERASED_AT = 26 * 60  # minutes


class MemoryBucket(MemoryBodies):
    """Satisfies `ports.erasure.Bodies`."""

    def names(self):
        return iter([key for key in self.kept if key.startswith(("quarantine/", "large/"))])

    def remove(self, key):
        self.kept.pop(key, None)


class MemoryLedger:
    def __init__(self):
        self.kept: dict[str, Erasure] = {}

    def keep(self, erasure):
        self.kept[erasure.person] = erasure

    def all(self):
        return iter(self.kept.values())


class MemoryLetters:
    """Dead letters as SQS gives them: what was received is hidden until it is put back."""

    def __init__(self):
        self.queues: dict[str, dict[str, str]] = defaultdict(dict)
        self._hidden: set[str] = set()
        self._numbers = count()

    def bury(self, queue, body, _error):
        self.queues[queue][f"{queue}/{next(self._numbers)}"] = body

    def receive(self, queue):
        seen = [(r, body) for r, body in self.queues[queue].items() if r not in self._hidden][:3]
        self._hidden.update(receipt for receipt, _ in seen)
        return [DeadLetter(body=body, receipt=receipt, buried_at=T0) for receipt, body in seen]

    def remove(self, queue, receipt):
        self.queues[queue].pop(receipt, None)

    def put_back(self, _queue, receipt):
        self._hidden.discard(receipt)

    def forget_hidden(self):
        """The visibility timeout of a worker that died is over."""
        self._hidden.clear()


def mark(number):
    return f"{MARK}-m{number}"


def hers(number, minutes, text="my bag is lost", **values):
    values = {"permalink": f"https://x.example/{MARK}/{number}", **values}
    return wrote(mark(number), minutes, author=SHE, text=f"{text} {MARK} {number}", **values)


def raw(message_id, author, text):
    return {"id_str": message_id, "text": text, "user": {"id_str": author.id, "screen_name": author.handle}}


OTHER = Author(id="777", handle="bo", name="Bo")


class Life(Airline):
    """An airline in which she and others write, agents work, people are paged, days are rolled up and things fail."""

    def __init__(self, table=None, bucket=None, letters=None, ledger=None):
        super().__init__()
        self.bucket, self.letters, self.ledger = (
            bucket or MemoryBucket(),
            letters or MemoryLetters(),
            ledger or MemoryLedger(),
        )
        self._codes = count()
        self._on(self.table if table is None else table)

    def _on(self, table):
        """All that is kept by this table, with the seal that says who was erased."""
        self.table = table
        self.cases = TableCaseStore(table, seal=SEAL)
        self.signals, self.incidents = TableSignals(table), TableIncidents(table)
        self.rollups, self.fixes = TableRollups(table), TableFixes(table)
        self.quarantine = TableQuarantine(table, self.bucket, now=lambda: T0)
        users = TableUsers(table)
        if not table.query("USER").items:
            for name in ("ann", "bob"):
                users.add(name, Role.AGENT, f"token-of-{name}", at(0))
        self.acting = replace(self.acting, store=self.cases, users=users, promises=PROMISES)
        for begin in comparable(at(BEGAN)):
            self.signals.count(Hour(begin=begin, people=60, counts={"channel:x.main": 20, "term:app": 1}))

    # --- what happens

    def hear(self, facts, *, minutes=BEGAN, **values):
        super().hear(facts, minutes=minutes, promises=PROMISES, **values)

    def sweep(self, first, last):
        ports = sla_watch.Ports(
            store=self.cases,
            promises=PROMISES,
            alerts=self.alerts,
            backoff=no_waiting,
            leases=TableLeases(self.table),
            queues=self.queues,
            jobs=TablePolicies(self.table, clock=lambda: 0.0),
            alarms=TableAlarms(self.table),
            base_url="https://care.example",
            new_code=lambda: f"{next(self._codes):016d}".translate(str.maketrans("0123456789", "abcdefghij")),
        )
        for minutes in range(first, last + 1):
            sla_watch.sweep(ports, at(minutes))

    def of(self, message_id):
        return self.cases.addresses("x", [message_id])[message_id].case_id

    def does(self, case_id, intent, minutes, key):
        return act(
            case_id, ActRequest(intent=intent, actor="ann", idempotency_key=key), ports=self.acting, now=at(minutes)
        )

    def records(self, case_id, kind, value, key, **values):
        ports = customer_record.Ports(store=self.cases, promises=PROMISES, backoff=no_waiting, tiers=("gold",))
        request = customer_record.RecordRequest(kind=kind, value=value, actor="ann", idempotency_key=key, **values)
        customer_record.remember(case_id, request, ports=ports, now=at(100))

    def join(self, going, staying):
        request = merging.MergeRequest(
            from_id=going,
            actor="ann",
            idempotency_key=f"join {staying == self.of('7021')}".replace(" ", "-"),
            other_customer=True,
        )
        ports = merging.Ports(store=self.cases, promises=PROMISES, backoff=no_waiting)
        merging.merge(staying, request, ports=ports, now=at(120))

    def live(self):
        """Everything, by now `ERASED_AT`."""
        self.hear(outage(14), minutes=BEGAN)
        self._she_writes()
        self.watch(BEGAN + 1)
        incidents.act(
            self.one.incident_id,
            incidents.IncidentRequest(act=Act.ACKNOWLEDGED, actor="ann", key="k"),
            self.handling,
            at(32),
        )
        answer_all.ask(
            self.one.incident_id,
            answer_all.WantedAnswer(text="Mended.", actor="ann", key="all"),
            self.answering,
            at(33),
        )
        answer_all.go_on(self.answering, at(34))
        self._people_are_told()
        self._agents_work()
        self._she_shares_a_case()
        self._days_end()
        self._things_fail()
        return self

    def _she_writes(self):
        self.hear(
            [
                hers(
                    1,
                    25,
                    "the app will not let me sign in",
                    media=(Media(kind="photo", url=f"https://img/{MARK}.jpg"),),
                ),
                hers(2, 26, parent_id=mark(1), alias_ids=(mark("2b"),)),
                answered("9001", 27, mark(1), customer_id=SHE.id),
                hers(3, 28, parent_id="9001"),
                edited(mark(3), 29, f"no, {MARK}", alias_ids=(mark("3b"),)),
                hers(4, 29, parent_id="somebody-unknown"),
                hers(5, 29, "delete me"),
                deleted(mark(5), 30),
                hers(6, 20, private=True, thread_id=f"{MARK}-900"),
                answered("9002", 30, None, private=True, thread_id=f"{MARK}-900", customer_id=SHE.id),
                wrote("7001", 26, author=OTHER, text="mine too"),
            ],
            minutes=30,
        )
        self.hear(
            [answered("9003", 29, mark("unseen"), customer_id=SHE.id)], minutes=30
        )  # waits for what nobody reported

    def _people_are_told(self):
        self.sweep(31, 62)

    def _agents_work(self):
        case_id = self.of(mark(1))
        self.does(case_id, Note(text=f"spoke with {SHE.name}"), 70, "note")
        result = self.does(case_id, AnswerCustomer(text=f"Dear {MARK}, it is mended."), 71, "answer")
        reply = self.cases.reply(result.reply_id)
        outbox.record(
            reply,
            Receipt(message_id=mark("receipt"), posted_at=at(72)),
            outbox.Outbox(store=self.cases, promises=PROMISES, backoff=no_waiting, clock=lambda: at(73)),
        )
        self.does(case_id, AnswerCustomer(text=f"And {MARK} again."), 74, "waits")
        self.records(case_id, ChangeKind.TIER, "gold", "tier")
        self.records(case_id, ChangeKind.TAG, "press", "tag")
        self.records(case_id, ChangeKind.CONSENT, f"{MARK} said so", "consent")
        self.records(case_id, ChangeKind.PROMISE, f"refund for {MARK}", "promise", due_on="2026-03-09")
        ports = causes.Ports(
            fixes=self.fixes, rollups=self.rollups, alerts=self.alerts, promises=PROMISES, backoff=no_waiting
        )
        causes.call_fixed(What(aspect="app"), "new server", actor="lea", ports=ports, now=at(21))
        causes.watch(ports, at(40), self.signals.between(at(0), at(40), now=at(40)))

    def _she_shares_a_case(self):
        """An agent joins one of hers with one of somebody else's, both ways."""
        self.hear(
            [
                hers(21, 80, thread_id=mark(21)),
                wrote("7021", 81, author=OTHER, thread_id="7021", text="with my friend"),
                answered("9021", 85, mark(21), thread_id=mark(21)),
                hers(31, 82, thread_id=mark(31)),
                wrote("7031", 83, author=OTHER, thread_id="7031", text="for my friend"),
            ],
            minutes=85,
        )
        self.sweep(86, 110)
        self.does(self.of("7021"), Note(text=f"{SHE.handle} is the sister"), 111, "sister")
        self.does(self.of("7021"), Note(text="a voucher was sent"), 112, "voucher")
        self.join(self.of(mark(21)), self.of("7021"))
        self.join(self.of("7031"), self.of(mark(31)))

    def _days_end(self):
        report.roll_up_ended(self.reporting, NEXT_DAY)

    @property
    def reporting(self):
        return report.SchedulePorts(
            store=self.cases, rollups=self.rollups, promises=PROMISES, leases=TableLeases(self.table)
        )

    def _things_fail(self):
        both = {
            "for_user_id": "900",
            "tweet_create_events": [raw(mark(41), SHE, f"help {MARK}"), raw("741", OTHER, "me too")],
        }
        about = {
            "tweet_create_events": [{**raw("742", OTHER, f"@{SHE.handle} hello"), "in_reply_to_user_id_str": SHE.id}]
        }
        for number, body in enumerate((both, about, {"tweet_create_events": [raw("743", OTHER, "only me")]})):
            self.quarantine.keep(self._request(number), json.dumps(body).encode(), "a reason")
            self.bucket.put(f"large/{number}", json.dumps(body).encode())
            self.letters.bury("inbound", encode(replace(self._request(number), body=json.dumps(body).encode())), "late")
        self.bucket.put("large/form", f"user={SHE.id}&text={MARK}".encode())
        for fact in (hers(51, 90), edited(mark(1), 91, f"again {MARK}"), wrote("751", 90, author=OTHER)):
            self.letters.bury("mentions", encode_mention(Labelled(fact=fact, labels=TROUBLE)), "late")
        for name in (f"Ada {MARK.title()}", "Bo"):
            self.letters.bury("pages", json.dumps({"Message": json.dumps({"author": name})}), "")

    def _request(self, number):
        return InboundMessage(
            platform="x",
            channel="x.main",
            headers={},
            received_at=T0 + timedelta(minutes=number),
            request_id=f"r{number}",
            body=b"{}",
        )

    def copy(self):
        """The same, to be changed by one test."""
        bucket, letters = MemoryBucket(), MemoryLetters()
        bucket.kept = dict(self.bucket.kept)
        for queue, bodies in self.letters.queues.items():
            letters.queues[queue] = dict(bodies)
        return Life(copied(self.table), bucket, letters)

    def by(self, table):
        """The same bucket, dead letters and ledger beside another table."""
        return Life(table, self.bucket, self.letters, self.ledger)

    # --- her rights

    def erasing(self, counter=None):
        def wrap(part):
            return Tripwire(part, counter) if counter else part

        return erasing_over(wrap(self.table), wrap(self.bucket), wrap(self.letters), wrap(self.ledger))

    def erase(self, counter=None, minutes=ERASED_AT):
        return erase.erase(CUSTOMER, (), self.erasing(counter), at(minutes), by="lea")

    # --- what is left

    def everything(self):
        """Every item, body and letter, as text."""
        found, more = {}, None
        while True:
            page = self.table.scan(more=more)
            found |= {f"{item['pk']} / {item['sk']}": json.dumps(dict(item), ensure_ascii=False) for item in page.items}
            more = page.more
            if more is None:
                break
        found |= {key: self.bucket.get(key).decode("utf-8", "replace") for key in self.bucket.names()}
        return found | {receipt: body for queue in self.letters.queues.values() for receipt, body in queue.items()}

    def marked(self):
        return sorted(
            key for key, text in self.everything().items() if MARK in key.casefold() or MARK in unfolded(text)
        )


def erasing_over(table, bucket=None, letters=None, ledger=None):
    """What an erasure needs, over one table."""
    return erase.Ports(
        traces=TableTraces(table, SEAL),
        store=TableCaseStore(table, seal=SEAL),
        rollups=TableRollups(table),
        promises=PROMISES,
        backoff=no_waiting,
        seal=SEAL,
        ledger=ledger or MemoryLedger(),
        bodies=bucket or MemoryBucket(),
        letters=letters or MemoryLetters(),
    )


def copied(table):
    other = MemoryTable()
    for item in table.everything().values():
        other.write([Put(item)])
    return other


def unfolded(text):
    """As text in base64 says it, too."""
    with suppress(ValueError, TypeError, KeyError):
        plain = json.loads(text)
        text += b64decode(plain["body"]).decode()
    return text.casefold()
