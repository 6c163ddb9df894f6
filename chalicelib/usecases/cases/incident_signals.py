"""
What casework leaves for the watch of incidents: a signal for each mention of a customer, none for a deleted one.

It follows the commit and can be repeated: the same mention leaves the same
signal under the same key. What cannot be left is missing there, and never a
reason to do the mention again.
"""

from collections.abc import Sequence

from chalicelib.domain.events import Event, EventKind, mention_key
from chalicelib.domain.incidents.signals import signal_of
from chalicelib.ports.cases import CaseStore
from chalicelib.ports.signals import Signals


def tell(events: Sequence[Event], case_id: str, *, store: CaseStore, signals: Signals) -> None:
    """One write for each mention; one read and one write for each deletion."""
    for event in events:
        try:
            _tell(event, case_id, store, signals)
        except Exception as error:  # noqa: BLE001  the case has it: that is what counts
            signals.missed(type(error).__name__)


def _tell(event: Event, case_id: str, store: CaseStore, signals: Signals) -> None:
    signal = signal_of(event, case_id)
    if signal:
        signals.keep(signal)
    elif event.kind is EventKind.DELETE:
        _forget(event, case_id, store, signals)


def _forget(deletion: Event, case_id: str, store: CaseStore, signals: Signals) -> None:
    """The mention says when it was written, and so where its signal is."""
    key = mention_key(deletion.platform, deletion.native_id)
    _, known = store.case(case_id, event_keys=[key])
    if key in known:
        signals.forget(key, known[key].at)
