"""
Run the steps of a connector: make each call it yields, and hand it the result.

Connectors do no I/O; answers, polls, set-up and health all come through here.
What a connector that never ends could do is bounded.
"""

from collections.abc import Callable

from chalicelib.ports.connector.calls import HttpCall, HttpResult, Later, Steps, T
from chalicelib.ports.connector.replying import MaybeSent

MOST_CALLS = 20  # no answer of any platform takes more than three


def run(steps: Steps[T], perform: Callable[[HttpCall], HttpResult], *, most_calls: int = MOST_CALLS) -> T | Later:
    """
    What the steps return, or the `Later` with which they stop.

    Raises what they raise, what `perform` raises, and MaybeSent after
    `most_calls`. However it ends, the steps are closed.
    """
    try:
        step = next(steps)
        for _ in range(most_calls):
            if isinstance(step, Later):
                return step
            step = steps.send(perform(step))
    except StopIteration as end:
        returned: T = end.value
        return returned
    finally:
        steps.close()
    raise MaybeSent("The platform wants more calls than an answer can take.", code="too_many_calls")
