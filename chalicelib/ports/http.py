"""Calling a platform."""

from typing import Protocol

from chalicelib.ports.connector.calls import HttpCall, HttpResult


class Http(Protocol):
    def perform(self, call: HttpCall) -> HttpResult:
        """
        Make one call, once: no retries, no redirects.

        Never raises for what the network or the platform does: status 0 says
        that no answer was read, and `sent` whether the request may have
        arrived.
        """
        ...
