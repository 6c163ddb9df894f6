"""
Whom to believe about a message.

A valid signature proves which channel a fact came by, not that the fact is
true. So a fact may touch only a message that its own channel heard, or one
that stands for the same account; and where both are known, only what the same
person wrote. What is not known never speaks against anybody.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.facts import Fact, FactKind

MOST_WITNESSES = 20  # channels, or accounts, that a message is known to have reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """
    By which channels a message was reported, for which accounts of the brand, and what they said of it.

    `author_id` is None while nobody has said who wrote it.
    """

    channels: tuple[str, ...]
    accounts: tuple[str, ...]
    author_id: str | None = None
    private: bool = False
    by_brand: bool = False

    @classmethod
    def of(cls, fact: Fact) -> "Testimony":
        """What one report of the message, or of something that happened to it, says."""
        return cls(
            channels=(fact.channel,),
            accounts=(fact.account_id,),
            author_id=fact.author.id if fact.author else None,
            private=fact.private,
            by_brand=fact.kind is FactKind.ANSWER,
        )

    def joined(self, fact: Fact) -> "Testimony":
        """With another report that was believed; the same in any order."""
        other = Testimony.of(fact)
        return replace(
            self,
            channels=_joined(self.channels, other.channels),
            accounts=_joined(self.accounts, other.accounts),
            author_id=self.author_id or other.author_id,
        )

    def is_heard_by(self, fact: Fact) -> bool:
        """Whether the fact's channel heard the message, or has the account that did by its settings."""
        return fact.channel in self.channels or (fact.own_account and fact.account_id in self.accounts)

    def names_author_of(self, fact: Fact) -> bool:
        """Whether both may mean one author."""
        author_id = fact.author.id if fact.author else None
        return None in (author_id, self.author_id) or author_id == self.author_id

    def may_be_touched_by(self, fact: Fact) -> bool:
        """Whether a fact about this very message is believed."""
        return self.is_heard_by(fact) and self.names_author_of(fact)

    def may_be_heard_by(self, fact: Fact) -> bool:
        """
        Whether another channel's report can be of the same message: a post that names two brands reaches both.

        Nobody can tell that of what is private, of what the brand wrote, or without knowing who wrote it.
        """
        known = self.author_id is not None and fact.author is not None
        return known and self.names_author_of(fact) and not (self.private or fact.private or self.by_brand)


def _joined(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*one, *other})[:MOST_WITNESSES])


def same_report(one: Fact, other: Fact) -> bool:
    """
    Whether two channels' reports of a message say the same, so that neither changes what the other said.

    A text of which one has only a part is the same as the whole.
    """
    times_differ = None not in (one.occurred_at, other.occurred_at) and one.occurred_at != other.occurred_at
    texts_differ = bool(one.text and other.text) and one.text != other.text and not (one.cut or other.cut)
    stars_differ = None not in (one.rating, other.rating) and one.rating != other.rating
    return not (times_differ or texts_differ or stars_differ)
