"""The mixed mentions are what the table says of them, and the same every time."""

from bench.texts import MOST_CHARS, mixed
from chalicelib.classify import classify
from chalicelib.domain.labels import Noise, Urgency


def test_they_are_the_same_every_time_and_a_larger_number_only_goes_on():
    assert mixed(50) == mixed(300)[:50]
    assert mixed(50, seed=5) != mixed(50)


def test_they_are_short_and_long_in_many_languages_with_spam_and_emergencies():
    texts = mixed(2_000)
    lengths = [len(text) for text in texts]
    assert min(lengths) < 20
    assert 4_000 < max(lengths) <= MOST_CHARS
    labels = [classify(text) for text in texts]
    assert {"en", "de", "fr", "es", "it", "pt", "nl", "ja", "ar"} <= {label.language.value for label in labels}
    assert Urgency.CRITICAL in {label.urgency.value for label in labels}
    assert Noise.NOISE in {label.noise.value for label in labels}
