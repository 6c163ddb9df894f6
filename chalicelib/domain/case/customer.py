"""The customer writes, or edits what they wrote."""

from dataclasses import replace

from chalicelib.domain import clock as clocks
from chalicelib.domain.case.clocks import retarget_if_moved
from chalicelib.domain.case.state import CaseState, Waiter
from chalicelib.domain.case.status import CaseStatus, status_after
from chalicelib.domain.case.turn import Turn, with_waiters, writer_of
from chalicelib.domain.clock import Clock, Metric
from chalicelib.domain.events import Event, EventKind, mention_key
from chalicelib.domain.facts import Author
from chalicelib.domain.labels import UNDETERMINED, Labels, Noise, TopicKind, Urgency, Verdict
from chalicelib.domain.windows import OpenWindow

PREVIEW_CHARS = 280


MOST_PLACES = 5  # of a case: its item must not grow with every message


def on_mention(state: CaseState, turn: Turn) -> CaseState:
    event = turn.event
    if event.key in state.withdrawn:
        return state
    before, state = state, _remember(state, event)
    state = retarget_if_moved(before, state, turn)
    if state.status is not CaseStatus.SPAM:
        state = _start_clocks(state, turn, before.people)
    return _wait_for_us(state, event)


def _remember(state: CaseState, event: Event) -> CaseState:
    """What the case shows of the message, and what the message says about the case."""
    fact = event.fact
    assert fact is not None  # noqa: S101  a mention without a fact cannot be built
    state = replace(
        state,
        platform=state.platform or fact.platform,
        channel=state.channel or fact.channel,
        account_id=state.account_id or fact.account_id,
        private=state.private or fact.private,
        author=_newer_author(state.author, fact.author),
        people=state.people | {writer_of(event)},
        opened_at=state.opened_at or event.at,
        messages=state.messages + 1,
        latest_key=event.key,
        latest_at=event.at,
        language=_language(event) or state.language,
        reactions=fact.reactions or None,
        counted_at=fact.counted_at or fact.received_at if fact.reactions else None,
    )
    return _show(_acquaint(state, event), event)


def _acquaint(state: CaseState, event: Event) -> CaseState:
    """What was known of the customer when the message was stored; that of another customer says nothing (R10)."""
    known = event.detail
    if event.origin is not None or not known:
        return state
    return replace(
        state,
        tier=known.get("tier", state.tier),
        complaints_before=int(known.get("complaints", state.complaints_before)),
        places_before=tuple(known["places"].split("\n")) if "places" in known else state.places_before,
    )


def _language(event: Event) -> str | None:
    """What the platform says, else what the text looks like; None when neither knows."""
    if event.fact and event.fact.lang:
        return event.fact.lang
    guess = event.labels.language.value if event.labels else UNDETERMINED
    return None if guess == UNDETERMINED else guess


def _show(state: CaseState, event: Event) -> CaseState:
    """Text and labels of `event` as the case's latest."""
    text = event.fact.text if event.fact else None
    unjudged = bool(text) and event.labels is None
    state = replace(state, latest_text=text[:PREVIEW_CHARS] if text else text, unjudged=unjudged)
    if unjudged:  # what nobody has judged is not low
        return replace(state, urgency=max(state.urgency, Urgency.NORMAL, key=lambda value: value.rank))
    if event.labels is None:
        return state
    labels = event.labels
    urgency = labels.urgency.value if labels.noise.value is not Noise.NOISE else Urgency.LOW
    return replace(
        state,
        sentiment=labels.sentiment.value.value,
        reason=labels.reason.value.value,
        words=_why(labels) if urgency.rank >= state.urgency.rank else state.words,
        complaint=state.complaint or labels.complaint.value is Verdict.YES,
        places=_places(state, labels),
        urgency=max(state.urgency, urgency, key=lambda value: value.rank),
    )


def _places(state: CaseState, labels: Labels) -> tuple[str, ...]:
    named = (topic.name for topic in labels.topics if topic.kind is TopicKind.PLACE)
    return tuple(dict.fromkeys((*state.places, *named)))[:MOST_PLACES]


def _why(labels: Labels) -> tuple[str, ...]:
    return labels.urgency.words or labels.sentiment.words


def _newer_author(known: Author | None, newer: Author | None) -> Author | None:
    """The newest profile, completed from the one before."""
    if known is None or newer is None or known.id != newer.id:
        return newer or known
    return Author(
        id=newer.id,
        handle=newer.handle or known.handle,
        name=newer.name or known.name,
        followers=known.followers if newer.followers is None else newer.followers,
        verified=known.verified if newer.verified is None else newer.verified,
    )


def _start_clocks(state: CaseState, turn: Turn, people: frozenset[str]) -> CaseState:
    """Somebody's first message: FRT. After an answer to them: NRT. The case's first, and after a resolve: RES (R4)."""
    reopens, person = state.status is CaseStatus.RESOLVED, writer_of(turn.event)
    wanted: list[Metric] = []
    if person not in people:
        wanted = [Metric.FRT]
    elif reopens or all(waiter.person != person for waiter in state.waiters):
        wanted = [Metric.NRT]
    if reopens or not people:
        wanted.append(Metric.RES)
    if reopens or state.status is CaseStatus.WAITING_CUSTOMER:
        state = replace(state, status=status_after(state.status, EventKind.MENTION), resolved_at=None)
    policy = turn.policy(state)
    begun = [clock for metric in wanted if (clock := clocks.start(metric, turn.event, policy))]
    begun = [_flagged(clock, state.window) for clock in begun]
    return replace(state, policy_id=policy.id, clocks=(*state.clocks, *begun))


def _flagged(clock: Clock, window: OpenWindow | None) -> Clock:
    """A reply may be in time by the promise and too late for the platform (R17)."""
    too_late = window is not None and clock.due_at is not None and clock.due_at > window.standard_end
    return replace(clock, window_ends_before_due=True) if too_late and clock.metric is not Metric.RES else clock


def _wait_for_us(state: CaseState, event: Event) -> CaseState:
    person, author = writer_of(event), event.fact.author if event.fact else None
    if any(waiter.person == person for waiter in state.waiters):
        return state
    waiter = Waiter(person=person, since=event.at, key=event.key, name=author.called if author else "")
    return with_waiters(state, (*state.waiters, waiter))


def on_edit(state: CaseState, turn: Turn) -> CaseState:
    """An edit changes what is read, never when it was promised (R11)."""
    target = mention_key(turn.event.platform, turn.event.native_id)
    if target in state.withdrawn or state.latest_key != target:
        return state
    return retarget_if_moved(state, _show(state, turn.event), turn)
