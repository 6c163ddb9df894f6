"""Understanding texts: what the word lists find, and what the trained tiers make of it."""

from chalicelib.classify import look
from chalicelib.domain.labels import UNLABELLED, Labels


def by_rules(text, *, lang_hint=None, private=False, rating=None) -> Labels:
    """The judgement of the word lists alone: what stands for languages that no model has learned."""
    seen = look(text or "", lang_hint=lang_hint, private=private, rating=rating)
    return seen.rules if seen else UNLABELLED
