"""The platforms of the morning: they check who calls, take an answer, and tell of it by webhook as the real ones do."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Self

from infra.demo import airline as a
from infra.demo import story
from infra.demo.player import facebook_echo, x_echo
from infra.demo.script import Delivery
from infra.standins.base import Post
from infra.standins.facebook import FacebookStandin
from infra.standins.x import XStandin

ANSWERED: Final = MappingProxyType({message.id: message for message in (story.INSULIN, story.CASES)})


class Platforms:
    """Stand-ins for X and Facebook on this machine. `echo` is called with the webhook that tells of each answer."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._echo: Callable[[Delivery], None] = _nobody
        self._troubles: list[Exception] = []
        self._stack = ExitStack()
        self.x = XStandin(
            account_id=a.AIRLINE_ON_X.id,
            credentials=a.X_KEYS,
            handles={story.INSULIN.id: story.INSULIN.by.handle},
            clock=clock,
            on_post=lambda post: self._tell(x_echo, post),
        )
        self.facebook = FacebookStandin(
            page_id=a.AIRLINE_ON_FACEBOOK.id,
            page_name=a.AIRLINE_ON_FACEBOOK.name,
            clock=clock,
            on_post=lambda post: self._tell(facebook_echo, post),
            page_token=a.FACEBOOK_KEYS["page_token"],
            app_secret=a.FACEBOOK_KEYS["app_secret"],
        )

    def __enter__(self) -> Self:
        self._stack.enter_context(self.x)
        self._stack.enter_context(self.facebook)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def addresses(self) -> Mapping[str, str]:
        """Where each channel's answers go, and with which account."""
        return {a.X: self.x.url, a.FACEBOOK: self.facebook.url}

    @property
    def posts(self) -> list[Post]:
        """Everything they took."""
        return [*self.x.posts, *self.facebook.posts]

    def tell(self, echo: Callable[[Delivery], None]) -> None:
        """From now on call `echo`."""
        self._echo = echo

    def raise_trouble(self) -> None:
        """What went wrong in a thread of theirs comes to light here."""
        if self._troubles:
            raise self._troubles[0]

    def _tell(self, webhook: Callable[[Post, Any], Delivery], post: Post) -> None:
        try:
            self._echo(webhook(post, ANSWERED[post["parent_id"]]))
        except Exception as error:  # noqa: BLE001 - raised again where somebody sees it; the caller must get its answer
            self._troubles.append(error)


def _nobody(_delivery: Delivery) -> None:
    """Nobody listens yet."""
