"""
What casework leaves for the watch of incidents: a signal for each mention of a customer, none for a deleted one.

It follows the commit and can be repeated: the same mention leaves the same
signal under the same key.
"""

from collections.abc import Sequence

from chalicelib.domain.events import Event, EventKind
from chalicelib.domain.incidents.signals import signal_of
from chalicelib.ports.cases import CaseStore
from chalicelib.ports.signals import Signals


def tell(events: Sequence[Event], case_id: str, *, store: CaseStore, signals: Signals) -> None:
    """One write for each mention; one read and one write for each deletion."""
    for event in events:
        signal = signal_of(event, case_id)
        if signal:
            signals.keep(signal)
        elif event.kind is EventKind.DELETE:
            _forget(event, case_id, store, signals)


def _forget(deletion: Event, case_id: str, store: CaseStore, signals: Signals) -> None:
    """The mention says when it was written, and so where its signal is."""
    key = f"{deletion.platform}|{deletion.native_id}|{EventKind.MENTION}"
    _, known = store.case(case_id, event_keys=[key])
    if key in known:
        signals.forget(key, known[key].at)
