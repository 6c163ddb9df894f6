"""
Every key of the one table. Nothing else makes a key string.

    pk                         sk                          what
    CASE#<case id>             STATE                       the folded case, with its place in both indexes
    CASE#<case id>             EVENT#<event key>           one entry of the timeline
    CASE#<case id>             CLOCK#<clock id>            a clock that has ended
    CASE#<case id>             LINES                       what it adds to daily roll-ups, until it changes
    MSG#<platform>#<id>        @                           address: which case a platform message belongs to
    MSG#<platform>#<id>        PARKED#<event key>          a fact that waits for that message
    WAITS#<platform>#<id>      <message>#<event key>       such a fact that says whom it is about
    CONV#<platform>#<thread>   AUTHOR#<author>             which case is current for a conversation and author
    AUTHOR#<platform>#<id>     CASE#<opened>#<case id>     the author's history, with the profile at that time
    AUTHOR#<platform>#<id>     PROFILE                     what people recorded of the author: tier, tags, consent
    CHANGED#<platform>#<id>    <hash of its id>            one change of that, with who and when
    PAGE#<page id>             @                           one message to people, until it is out
    DIGEST#<digest id>         @                           one message to people about many clocks
    DIGEST#<digest id>         MEMBER#<clock id>           one of those clocks
    LINK#<hash of its code>    @                           what the link in a page leads to
    REPLY#<reply id>           @                           one answer to a customer, until the platform has it
    QUARANTINE                 <received>#<request id>     a signed body that could not be read
    TOKEN#<hash>               @                           an API token
    USER                       <name>                      who may use the API
    ACCESS#<channel>           <account>                   tokens of an account on its platform, which expire
    LEASE                      <what>                      who does a thing that one must do at a time
    ALARM                      <about>                     when operators were last told of it
    SIGNS                      <channel>#<sign>            what operators may want to know of a channel, thirty days
    LISTENING                  <channel>#<account>         how far an account is heard that must be asked for
    WANTED#<channel>           <id>                        what the next poll shall fetch, seven days
    SPENT#<engine>             <day>                       how many texts an engine that costs money was sent
    POLICY                     <version>                   a policy book
    POLICY_JOB#<version>       @                           open cases are told of a policy book, until all are
    ROLLUPS                    @                           up to which day that was done in each time zone
    ROLLUP#<day>               @                           the day was rolled up
    ROLLUP#<day>               CHANNEL#<channel>           its kept and broken promises on one channel
    CAUSES#<day>               @                           what complaints were about on a day
    FIXES                      <fix id>                    a cause that was called fixed
    FIX#<fix id>               SEEN#<at>#<case id>         a complaint about it since, thirty days
    DOCUMENT#<kind>            @                           settings that people edit: the version in force
    DOCUMENT#<kind>            <version>                   and every version
    SIGNAL#<quarter>           <event key>                 what is kept of a mention to compare it with others, two days
    HOUR                       <hour>                      how many people wrote of what in it
    INCIDENTS#<open or closed> <opened>#<incident id>      which incidents there are, newest first
    INCIDENT#<incident id>     @                           an incident
    INCIDENT#<incident id>     MEMBER#<case id>            a case in it
    INCIDENT#<incident id>     ANSWER#<answer id>          one text to all of its cases
    CASE#<case id>             INCIDENT                    the incident that the case belongs to
    ANSWERING                  <incident id>/<answer id>   such a text that is not with all of them yet
    ERASED#<keyed hash>        @                           a person or a message that was erased, and when
    ERASING                    <keyed hash>                an erasure that is not finished yet
    GONE#<day>                 <keyed hash>                what a case that is gone had added to the day's roll-up

Index "due": DUE#<shard> / <instant>#<pk>: what must be looked at, and when.
Index "list": LIST#<open or closed>#<shard> / <waits or not>#<instant>#<case id>: cases as people read them.
"""

import re
from datetime import UTC, date, datetime
from zlib import crc32

from chalicelib.ports.table import Key

ONLY = "@"
SHARDS = 8  # of both indexes; raise it and read the union until the old shards are empty
MOST_ID_BYTES = 400  # a sort key takes 1,024 bytes, and an event key holds an id of the platform


def instant(moment: datetime) -> str:
    """Sorts as time does."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def case(case_id: str) -> Key:
    return (f"CASE#{case_id}", "STATE")


def event(case_id: str, event_key: str) -> Key:
    return (f"CASE#{case_id}", f"EVENT#{event_key}")


CASES = "CASE#"
AUTHORS = "AUTHOR#"
CHANGES = "CHANGED#"
INCIDENT = "INCIDENT#"
ANSWERS = "ANSWER#"
EVENTS = "EVENT#"
CLOCKS = "CLOCK#"
PARKED = "PARKED#"


def clock(case_id: str, clock_id: str) -> Key:
    return (f"CASE#{case_id}", f"{CLOCKS}{clock_id}")


def address(platform: str, message_id: str) -> Key:
    return (f"MSG#{platform}#{message_id}", ONLY)


def parked(platform: str, message_id: str, event_key: str) -> Key:
    return (f"MSG#{platform}#{message_id}", f"{PARKED}{event_key}")


def waits(platform: str, author_key: str) -> str:
    return f"WAITS#{platform}#{author_key}"


def waiting(platform: str, author_key: str, message_id: str, event_key: str) -> Key:
    return (waits(platform, author_key), f"{message_id}#{event_key}")


def conversation(platform: str, thread_id: str, author_key: str) -> Key:
    return (f"CONV#{platform}#{thread_id}", f"AUTHOR#{author_key}")


def author_case(platform: str, author_key: str, opened_at: datetime, case_id: str) -> Key:
    return (f"AUTHOR#{platform}#{author_key}", f"CASE#{instant(opened_at)}#{case_id}")


def author(platform: str, author_key: str) -> str:
    return f"AUTHOR#{platform}#{author_key}"


PROFILE = "PROFILE"  # stands behind the author's cases


def profile(platform: str, author_key: str) -> Key:
    return (author(platform, author_key), PROFILE)


def changes(platform: str, author_key: str) -> str:
    return f"CHANGED#{platform}#{author_key}"


def change(platform: str, author_key: str, change_hash: str) -> Key:
    return (changes(platform, author_key), change_hash)


def page(page_id: str) -> Key:
    return (f"PAGE#{page_id}", ONLY)


MEMBERS = "MEMBER#"


def digest(digest_id: str) -> Key:
    return (f"DIGEST#{digest_id}", ONLY)


def digest_member(digest_id: str, clock_id: str, generation: int) -> Key:
    return (f"DIGEST#{digest_id}", f"{MEMBERS}{clock_id}/{generation}")


def link(code_hash: str) -> Key:
    return (f"LINK#{code_hash}", ONLY)


def reply(reply_id: str) -> Key:
    return (f"REPLY#{reply_id}", ONLY)


QUARANTINE = "QUARANTINE"


def quarantine(received_at: datetime, request_id: str) -> Key:
    return (QUARANTINE, f"{instant(received_at)}#{request_id}")


def token(token_hash: str) -> Key:
    return (f"TOKEN#{token_hash}", ONLY)


USERS = "USER"


def user(name: str) -> Key:
    return (USERS, name)


def access(channel: str, account_id: str) -> Key:
    return (f"ACCESS#{channel}", account_id)


def lease(what: str) -> Key:
    return ("LEASE", what)


def alarm(about: str) -> Key:
    return ("ALARM", about)


SIGNS = "SIGNS"


def sign(channel: str, what: str) -> Key:
    return (SIGNS, f"{channel}#{what}")


LISTENING = "LISTENING"


def listening(channel: str, account_id: str) -> Key:
    return (LISTENING, f"{channel}#{account_id}")


def wanted(channel: str) -> str:
    return f"WANTED#{channel}"


def wanting(channel: str, wanted_id: str) -> Key:
    return (wanted(channel), wanted_id)


def spent(engine: str, day: date) -> Key:
    return (f"SPENT#{engine}", day.isoformat())


POLICIES = "POLICY"


def policy(version: int) -> Key:
    return (POLICIES, f"{version:010d}")


def policy_job(version: int) -> Key:
    return (f"POLICY_JOB#{version}", ONLY)


def lines(case_id: str) -> Key:
    return (f"CASE#{case_id}", "LINES")


ROLLUPS: Key = ("ROLLUPS", ONLY)


def rollup(day: date) -> Key:
    return (f"ROLLUP#{day.isoformat()}", ONLY)


def rollup_channel(day: date, channel: str) -> Key:
    return (f"ROLLUP#{day.isoformat()}", f"CHANNEL#{channel}")


def causes(day: date) -> Key:
    return (f"CAUSES#{day.isoformat()}", ONLY)


FIXES = "FIXES"


def fix(fix_id: str) -> Key:
    return (FIXES, fix_id)


def fix_seen(fix_id: str, at: datetime, case_id: str) -> Key:
    return (f"FIX#{fix_id}", f"SEEN#{instant(at)}#{case_id}")


def document(kind: str) -> Key:
    return (f"DOCUMENT#{kind}", ONLY)


def document_version(kind: str, version: int) -> Key:
    return (f"DOCUMENT#{kind}", f"{version:010d}")


def quarter(moment: datetime) -> datetime:
    """The beginning of its quarter of an hour: signals of one stand together."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def signals(moment: datetime) -> str:
    return f"SIGNAL#{instant(quarter(moment))}"


def signal(moment: datetime, event_key: str) -> Key:
    return (signals(moment), event_key)


def hour(begin: datetime) -> Key:
    return ("HOUR", instant(begin))


def incidents(*, closed: bool) -> str:
    return f"INCIDENTS#{'closed' if closed else 'open'}"


def incident_entry(opened_at: datetime, incident_id: str, *, closed: bool) -> Key:
    """Sorts against time: the newest comes first."""
    backwards = 10**10 - int(opened_at.timestamp())
    return (incidents(closed=closed), f"{backwards:010d}#{incident_id}")


def incident_of_entry(sk: str) -> str:
    """The id in a sort key that `incident_entry` made."""
    return sk.rpartition("#")[2]


def incident_cursor(sk: str) -> str:
    """What leads outsiders to the entries behind this one, and says no key."""
    backwards, _, incident_id = sk.partition("#")
    return f"{10**10 - int(backwards)}-{incident_id}"


_INCIDENT_CURSOR = re.compile(r"([0-9]{1,10})-(i[0-9a-f]{15})")


def incident_entry_of(cursor: str, *, closed: bool) -> Key | None:
    """The entry behind which such a list goes on; None for what `incident_cursor` cannot have made."""
    found = _INCIDENT_CURSOR.fullmatch(cursor)
    if found is None:
        return None
    return incident_entry(datetime.fromtimestamp(int(found[1]), UTC), found[2], closed=closed)


def incident(incident_id: str) -> Key:
    return (f"INCIDENT#{incident_id}", ONLY)


def incident_member(incident_id: str, case_id: str) -> Key:
    return (f"INCIDENT#{incident_id}", f"{MEMBERS}{case_id}")


def incident_answer(incident_id: str, answer_id: str) -> Key:
    return (f"{INCIDENT}{incident_id}", f"{ANSWERS}{answer_id}")


def case_incident(case_id: str) -> Key:
    return (f"CASE#{case_id}", "INCIDENT")


ANSWERING = "ANSWERING"


def answering(incident_id: str, answer_id: str) -> Key:
    return (ANSWERING, f"{incident_id}/{answer_id}")


def erased(seal_hash: str) -> Key:
    return (f"ERASED#{seal_hash}", ONLY)


ERASING = "ERASING"


def erasing(person_hash: str) -> Key:
    return (ERASING, person_hash)


def gone_lines(day: date) -> str:
    return f"GONE#{day.isoformat()}"


def gone_line(day: date, case_hash: str) -> Key:
    return (gone_lines(day), case_hash)


def shard(text: str) -> int:
    return crc32(text.encode()) % SHARDS


def due_partitions() -> tuple[str, ...]:
    return tuple(f"DUE#{number}" for number in range(SHARDS))


def due_entry(at: datetime, pk: str) -> dict[str, str]:
    """The two attributes that put an item into the due index."""
    return {"due_pk": f"DUE#{shard(pk)}", "due_sk": f"{instant(at)}#{pk}"}


def due_at(due_sk: str) -> datetime:
    """The instant of an entry that `due_entry` made."""
    return datetime.fromisoformat(due_sk.split("#", 1)[0])


def list_partitions(*, closed: bool) -> tuple[str, ...]:
    return tuple(f"LIST#{'closed' if closed else 'open'}#{number}" for number in range(SHARDS))


def list_entry(case_id: str, *, closed: bool, waits: bool, stands_at: datetime) -> dict[str, str]:
    """The two attributes that put a case into the list index: who waits for us first, then by where it stands."""
    group, turn = "closed" if closed else "open", 0 if waits else 1
    return {"list_pk": f"LIST#{group}#{shard(case_id)}", "list_sk": f"{turn}#{instant(stands_at)}#{case_id}"}
