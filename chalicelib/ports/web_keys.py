"""Public keys as the platforms' hosts show them."""

from typing import Protocol


class KeysUnavailable(Exception):
    """The host did not answer, or it has been asked often enough for now: nothing can be verified, so send again."""


class WebKeys(Protocol):
    def document(self, url: str, *, fresh: bool = False) -> bytes:
        """
        What stands at `url`, empty where there is nothing. `url` is on a host that a connector names itself.

        A few hours old at most; `fresh` asks again, but not every time. Raises KeysUnavailable.
        """
        ...
