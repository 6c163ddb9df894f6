"""The settings of the priority score that this deployment ships."""

from functools import cache

from chalicelib.documents.priority import read_toml
from chalicelib.domain.priority import Weights
from chalicelib.policies import priority_toml


@cache
def shipped() -> Weights:
    """Read once. Raises `priority_document.PriorityInvalid`, which the tests of a deployment find before it does."""
    return read_toml(priority_toml())
