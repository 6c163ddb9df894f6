"""
What is kept, item by item: whether it says something of a person, and what becomes of it when they are erased.

Every kind of key, folder of the bucket and queue stands here, or a test
fails; docs/privacy.md shows the same table.
"""

from dataclasses import dataclass
from typing import Final

from chalicelib.ports.table import Key


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of item, by how its keys begin.

    `what` names it for people. `holds` says what of a customer is in it, and
    is empty where nothing is; `erased` what happens to that, and `kept` for
    how long it is there otherwise.
    """

    pk: str
    sk: str
    what: str
    holds: str = ""
    erased: str = ""
    kept: str = "for good"

    @property
    def is_personal(self) -> bool:
        return bool(self.holds)


_DELETED: Final = "deleted"
_WITH_CASE: Final = "with the case"
_EXPIRES_90: Final = "90 days"

KINDS: Final = (
    Kind("CASE#", "STATE", "cases", "author, latest text, ids", _DELETED, _WITH_CASE),
    Kind("CASE#", "EVENT#", "timeline entries", "texts, author, ids, notes and answers", _DELETED, _WITH_CASE),
    Kind("CASE#", "CLOCK#", "ended promises", "a message's id", _DELETED, _WITH_CASE),
    Kind("CASE#", "LINES", "parts of roll-ups", "the case's id", "kept as GONE#, without the id", "30 days"),
    Kind("CASE#", "INCIDENT", "ways to incidents", "the case's id", _DELETED, "400 days"),
    Kind("MSG#", "@", "message addresses", "ids of message and author", _DELETED, _WITH_CASE),
    Kind("MSG#", "PARKED#", "waiting facts", "texts, author, ids", _DELETED, _EXPIRES_90),
    Kind("WAITS#", "", "ways to waiting facts", "ids of author and message", _DELETED, _EXPIRES_90),
    Kind("CONV#", "AUTHOR#", "conversations", "ids of thread and author", _DELETED, _WITH_CASE),
    Kind("AUTHOR#", "CASE#", "list of cases", "author with handle and name", _DELETED, _WITH_CASE),
    Kind("AUTHOR#", "PROFILE", "customer records", "tier, tags, consent, promises", _DELETED, "with the last case"),
    Kind("CHANGED#", "", "customer record changes", "what was recorded, by whom", _DELETED, "with the last case"),
    Kind("PAGE#", "@", "pages", "ids of case and message", _DELETED, _WITH_CASE),
    Kind("DIGEST#", "@", "digests"),
    Kind("DIGEST#", "MEMBER#", "places in digests", "ids of case and message", _DELETED, _WITH_CASE),
    Kind("LINK#", "@", "links in pages", "ids of case and message", _DELETED, "3 days"),
    Kind("REPLY#", "@", "answers to be sent", "text to the person, ids", _DELETED, _WITH_CASE),
    Kind("QUARANTINE", "", "pointers to unreadable requests"),
    Kind("TOKEN#", "@", "API tokens"),
    Kind("USER", "", "users"),
    Kind("ACCESS#", "", "tokens of our accounts on platforms"),
    Kind("LEASE", "", "leases"),
    Kind("ALARM", "", "times of alarms"),
    Kind("SIGNS", "", "what was seen on channels", kept="30 days"),
    Kind("LISTENING", "", "places in what is polled"),
    Kind("WANTED#", "", "ids to fetch", "a message's id", "not reached: what is fetched meets the mark", "7 days"),
    Kind("SPENT#", "", "allowances of engines"),
    Kind("POLICY", "", "policies"),
    Kind("POLICY_JOB#", "@", "policy changes under way"),
    Kind("ROLLUPS", "@", "marks of roll-ups"),
    Kind("ROLLUP#", "@", "marks of roll-ups"),
    Kind("ROLLUP#", "CHANNEL#", "roll-ups of promises"),
    Kind("CAUSES#", "@", "roll-ups of causes"),
    Kind("GONE#", "", "counts of cases that are gone"),
    Kind("FIXES", "", "fixes", "ids of cases that complained again", "the id is another", "for good"),
    Kind("FIX#", "SEEN#", "complaints since a fix", "a case's id, a hash of the author", "both are others", "30 days"),
    Kind("DOCUMENT#", "", "settings"),
    Kind("SIGNAL#", "", "signals", "words of the text, a message's id", _DELETED, "2 days"),
    Kind("HOUR", "", "counts of an hour"),
    Kind("INCIDENTS#", "", "list of incidents"),
    Kind("INCIDENT#", "@", "incidents", "words that name the person", "those words go", "400 days"),
    Kind(
        "INCIDENT#",
        "MEMBER#",
        "places in incidents",
        "a case's id, a hash of the author",
        "both are others",
        "400 days",
    ),
    Kind("INCIDENT#", "ANSWER#", "answers to incidents", "ids of cases that failed", "the id is another", "400 days"),
    Kind("SIGNS", "", "signs of channels"),
    Kind("ANSWERING", "", "answers to incidents under way"),
    Kind(
        "ERASED#",
        "@",
        "marks of erasures",
        "a keyed hash of an id",
        "kept: it keeps the rest away",
        "for good; of a message 90 days",
    ),
    Kind("ERASING", "", "erasures under way", "ids, handle and name", "deleted when it is finished", "an hour"),
)

# What is outside of the table: folder of the bucket, or queue.
FOLDERS: Final = {
    "quarantine": ("raw requests", "what the person wrote is cut out; what cannot be read goes whole", "14 days"),
    "large": ("raw requests", "as quarantine", "14 days"),
    "erasures": ("keyed hashes of ids", "kept: it is the ledger", "for good"),
    "deploy": ("", "", "for good"),
}
QUEUES: Final = {
    "inbound": ("raw requests", "not reached: passed over when a worker reads it", "4 days"),
    "mentions-urgent": ("texts, author, ids", "as inbound", "4 days"),
    "mentions": ("texts, author, ids", "as inbound", "4 days"),
    "replies": ("ids of answers", "not reached: without its answer it says nothing", "4 days"),
    "forward": ("pages on their way", "not reached: they are being sent", "4 days"),
    "inbound-dead": ("raw requests", "as quarantine", "14 days"),
    "mentions-urgent-dead": ("texts, author, ids", _DELETED, "14 days"),
    "mentions-dead": ("texts, author, ids", _DELETED, "14 days"),
    "replies-dead": ("ids of answers", "not reached: without its answer it says nothing", "14 days"),
    "forward-dead": ("pages", _DELETED, "14 days"),
    "pages-dead": ("pages", _DELETED, "14 days"),
}


def kind_of(key: Key) -> Kind:
    """Raises LookupError for a key that nobody has declared."""
    pk, sk = key
    found = [kind for kind in KINDS if _begins(pk, kind.pk) and sk.startswith(kind.sk)]
    if not found:
        raise LookupError(f"keys that begin {pk.partition('#')[0]} / {sk.partition('#')[0]} stand in no inventory")
    return max(found, key=lambda kind: len(kind.sk))


def _begins(pk: str, wanted: str) -> bool:
    """A kind with a "#" is followed by an id, one without stands alone."""
    return pk.startswith(wanted) if wanted.endswith("#") else pk == wanted
