"""Which promise a case falls under, when its warning is due, and what a policy can never be."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.calendar import Calendar, Window, always_open
from chalicelib.domain.policy import (
    Ladder,
    Match,
    Policy,
    PolicyBook,
    Reach,
    Step,
    Targets,
    Traits,
    UnknownPolicy,
    reach_of,
)

MINUTE, HOUR = 60, 3_600
ALWAYS = always_open()
OFFICE = Calendar(
    id="office",
    zone="Europe/London",
    weekly=((Window(9 * HOUR, 17 * HOUR),),) * 5 + ((), ()),
)
CARE = Ladder(
    id="care",
    steps=(Step(group="on-call", delay_s=0), Step(group="lead", delay_s=900), Step(group="duty", delay_s=1_800)),
    repeat_after_s=(HOUR, 2 * HOUR, 3 * HOUR),
)
STANDARD = Policy(
    id="standard", calendar=OFFICE, ladder=CARE, targets=Targets(frt_s=HOUR, nrt_s=2 * HOUR, res_s=16 * HOUR)
)


def policy(policy_id: str, **match: str) -> Policy:
    return replace(STANDARD, id=policy_id, match=Match(**{key: frozenset({word}) for key, word in match.items()}))


BOOK = PolicyBook(
    version=7,
    policies=(
        policy("urgent", priorities="urgent"),
        policy("gold-x", tiers="gold", channels="x"),
        policy("british", languages="en-GB"),
        policy("english", languages="EN"),
        policy("seen-by-many", reach="huge", visibility="public"),
        STANDARD,
    ),
)


@pytest.mark.parametrize(
    ("traits", "expected"),
    [
        ({"channel": "x.main"}, "standard"),
        ({"channel": "x.main", "priority": "urgent"}, "urgent"),
        ({"channel": "x.main", "priority": "urgent", "tier": "gold"}, "urgent"),
        ({"channel": "x.main", "tier": "gold"}, "gold-x"),
        ({"channel": "X", "tier": "gold"}, "gold-x"),
        ({"channel": "xing.main", "tier": "gold"}, "standard"),
        ({"channel": "facebook.de", "tier": "gold"}, "standard"),
        ({"channel": "facebook.de", "language": "en-gb"}, "british"),
        ({"channel": "facebook.de", "language": "en-GB-oxendict"}, "british"),
        ({"channel": "facebook.de", "language": "en"}, "english"),
        ({"channel": "facebook.de", "language": "enm"}, "standard"),
        ({"channel": "facebook.de", "reach": "huge", "visibility": "private"}, "standard"),
        ({"channel": "facebook.de", "reach": "huge", "visibility": "public"}, "seen-by-many"),
        ({"channel": "facebook.de", "visibility": "public"}, "standard"),
    ],
    ids=str,
)
def test_the_first_policy_that_fits_is_the_promise(traits: dict[str, str], expected: str) -> None:
    assert BOOK.match(**traits).id == expected


MAYBE = st.none() | st.sampled_from(["urgent", "gold", "en", "huge", "public", "x"])
TRAITS = st.builds(
    Traits,
    channel=st.sampled_from(["x.main", "facebook"]),
    priority=MAYBE,
    tier=MAYBE,
    language=MAYBE,
    reach=MAYBE,
    visibility=MAYBE,
)


@given(TRAITS)
def test_every_case_finds_a_policy_that_accepts_it(traits: Traits) -> None:
    found = BOOK.match(
        channel=traits.channel,
        priority=traits.priority,
        tier=traits.tier,
        language=traits.language,
        reach=traits.reach,
        visibility=traits.visibility,
    )
    assert found.match.accepts(traits)
    assert not any(other.match.accepts(traits) for other in BOOK.policies[: BOOK.policies.index(found)])


@pytest.mark.parametrize("field", ["channels", "priorities", "tiers", "languages", "reach", "visibility"])
def test_what_is_not_known_of_a_case_meets_no_condition(field: str) -> None:
    match = Match(**{field: frozenset({"something"})})
    assert not match.accepts(Traits(channel="x.main"))
    assert not match.is_everything


def test_policies_are_found_by_id() -> None:
    assert BOOK.get("british") is BOOK.policies[2]
    assert BOOK.default is STANDARD
    with pytest.raises(UnknownPolicy, match="'brittish' in version 7"):
        BOOK.get("brittish")


def test_a_book_lists_each_calendar_and_ladder_once() -> None:
    vip = replace(STANDARD, id="vip", calendar=ALWAYS, match=Match(tiers=frozenset({"gold"})))
    book = PolicyBook(version=1, policies=(vip, *BOOK.policies))
    assert book.calendars == (ALWAYS, OFFICE)
    assert book.ladders == (CARE,)
    assert hash(book) == hash(replace(book))


@pytest.mark.parametrize(
    ("start", "target_s", "percent", "warning", "due"),
    [
        ("2026-03-03T10:00:00", HOUR, 75, "2026-03-03T10:45:00", "2026-03-03T11:00:00"),
        ("2026-03-06T16:30:00", HOUR, 75, "2026-03-09T09:15:00", "2026-03-09T09:30:00"),
        ("2026-03-03T10:00:00", 90, 75, "2026-03-03T10:01:08", "2026-03-03T10:01:30"),  # 67.5 s, never before
        ("2026-03-03T10:00:00", 100, 1, "2026-03-03T10:00:01", "2026-03-03T10:01:40"),
        ("2026-03-03T10:00:00", HOUR, 50, "2026-03-03T10:30:00", "2026-03-03T11:00:00"),
    ],
)
def test_the_warning_comes_at_its_share_of_business_time(
    start: str, target_s: int, percent: int, warning: str, due: str
) -> None:
    begun, warned, ended = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, warning, due))
    promise = replace(STANDARD, warn_at_percent=percent)
    assert promise.due_at(begun, promise.warn_s(target_s)) == warned
    assert promise.due_at(begun, target_s) == ended


def test_a_ladder_repeats_its_last_step() -> None:
    assert [(rung.group, rung.delay_s // MINUTE) for rung in CARE.rungs] == [
        ("on-call", 0),
        ("lead", 15),
        ("duty", 30),
        ("duty", 90),
        ("duty", 150),
        ("duty", 210),
    ]
    assert replace(CARE, repeat_after_s=()).rungs == CARE.steps


@pytest.mark.parametrize(
    ("people", "band"),
    [
        (None, None),
        (0, Reach.SMALL),
        (999, Reach.SMALL),
        (1_000, Reach.MEDIUM),
        (9_999, Reach.MEDIUM),
        (10_000, Reach.LARGE),
        (99_999, Reach.LARGE),
        (100_000, Reach.HUGE),
        (10**9, Reach.HUGE),
    ],
)
def test_reach_comes_in_bands(people: int | None, band: Reach | None) -> None:
    assert reach_of(people) is band


def steps(*delays_s: int) -> tuple[Step, ...]:
    return tuple(Step(group="on-call", delay_s=delay_s) for delay_s in delays_s)


@pytest.mark.parametrize(
    ("value", "changes", "message"),
    [
        (CARE, {"steps": ()}, "first step goes out at once"),
        (CARE, {"steps": steps(60, 120)}, "first step goes out at once"),
        (CARE, {"steps": steps(0, 60, 60)}, "each step must be later"),
        (CARE, {"repeat_after_s": (0,)}, "each repeat must be later"),
        (CARE, {"repeat_after_s": (120, 60)}, "each repeat must be later"),
        (CARE, {"ack_s": 0}, "acknowledgement"),
        (STANDARD, {"warn_at_percent": 0}, "1 to 99 %"),
        (STANDARD, {"warn_at_percent": 100}, "1 to 99 %"),
        (STANDARD.targets, {"frt_s": 0}, "above zero"),
        (STANDARD.targets, {"nrt_s": -1}, "above zero"),
        (STANDARD.targets, {"res_s": 0}, "above zero"),
        (BOOK, {"policies": ()}, "must be the default"),
        (BOOK, {"policies": BOOK.policies[:-1]}, "must be the default"),
        (BOOK, {"policies": (replace(STANDARD, id="first"), STANDARD)}, "only the last"),
        (BOOK, {"policies": (policy("standard", tiers="gold"), STANDARD)}, "two policies"),
        (
            BOOK,
            {"policies": (replace(policy("vip", tiers="gold"), calendar=replace(ALWAYS, id="office")), STANDARD)},
            "two calendars",
        ),
        (
            BOOK,
            {"policies": (replace(policy("vip", tiers="gold"), ladder=replace(CARE, ack_s=60)), STANDARD)},
            "two ladders",
        ),
    ],
)
def test_a_value_that_breaks_a_rule_cannot_be_made(value: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(value, **changes)


def test_a_promise_may_leave_out_what_it_does_not_promise() -> None:
    assert tuple(Targets(frt_s=HOUR, nrt_s=1_800)) == (HOUR, 1_800, None)
