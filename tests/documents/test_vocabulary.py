"""Vocabulary and settings as people write them: every mistake at once, with its place."""

import pytest

from chalicelib.documents import incidents
from chalicelib.documents.reading import DocumentInvalid
from chalicelib.documents.vocabulary import read_toml
from chalicelib.domain.incidents.crisis import CrisisSettings
from chalicelib.domain.labels import Topic, TopicKind

GOOD = """
[[places]]
name = "Harwick"
words = ["HWK", "Harwick airport"]

[[products]]
name = "Larkspur App"
words = ["the app"]
"""


def problems(toml, read=read_toml):
    with pytest.raises(DocumentInvalid) as caught:
        read(toml)
    return [str(problem) for problem in caught.value.problems]


def test_names_with_the_words_that_people_use():
    found = read_toml(GOOD)
    assert [(named.topic, named.words) for named in found.names] == [
        (Topic(TopicKind.PLACE, "Harwick"), ("HWK", "Harwick airport")),
        (Topic(TopicKind.PRODUCT, "Larkspur App"), ("the app",)),
    ]
    assert [phrase for phrase, _ in found.phrases] == ["Harwick", "HWK", "Harwick airport", "Larkspur App", "the app"]


def test_an_empty_one_is_fine():
    assert read_toml("").names == ()
    assert read_toml("[[places]]\nname = 'A'").names[0].words == ()


@pytest.mark.parametrize(
    ("toml", "part"),
    [
        ("[[place]]\nname = 'A'", "place: is not known here; did you mean 'places'?"),
        ("[[places]]\nwords = ['A']", "places[0].name: is missing"),
        ("[[places]]\nname = '!!!'", "has no letter or digit"),
        ("[[places]]\nname = 7", "places[0].name: 7 is not a text"),
        (f"[[places]]\nname = '{'x' * 61}'", "use at most 60 characters"),
        ("[[places]]\nname = 'A'\nwords = 'B'", "places[0].words: 'B' is not a list"),
        (GOOD + "[[places]]\nname = 'Ostmere'\nwords = ['hwk']", "'hwk' stands for Harwick already"),
        ("not toml", "this is not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place(toml, part):
    assert any(part in problem for problem in problems(toml))


def test_every_mistake_is_named_at_once():
    assert len(problems("[[places]]\nwords = [1]\n[[products]]\nname = ''\nmore = 1")) == 4


def test_too_much_is_refused():
    many = "".join(f"[[places]]\nname = 'p{number}'\n" for number in range(2_001))
    assert any("are too many" in problem for problem in problems(many))
    words = ", ".join(f"'w{number}'" for number in range(51))
    assert any("51 words" in problem for problem in problems(f"[[places]]\nname = 'a'\nwords = [{words}]"))


@pytest.mark.parametrize(
    ("toml", "settings"),
    [
        ("", CrisisSettings()),
        ("[crisis]\ngroup = 'press-office'", CrisisSettings(group="press-office")),
        ("[crisis]\nthreshold = 8", CrisisSettings(threshold=8)),
    ],
)
def test_settings(toml, settings):
    assert incidents.read_toml(toml) == settings


@pytest.mark.parametrize(
    "toml", ["[crisis]\ngroup = 'Press Office'", "[crisis]\nthreshold = 0", "[crises]\n", "crisis = 1"]
)
def test_settings_that_cannot_be(toml):
    assert problems(toml, incidents.read_toml)
