"""Which engine is set: what can be meant, and what is said about the rest."""

import pytest

from chalicelib.domain.labels import UNLABELLED
from chalicelib.ports.engines import Choice, EngineSettings, Passage, SettingsInvalid, read_settings
from chalicelib.ports.json_codec import to_plain


@pytest.mark.parametrize(
    "settings",
    [
        EngineSettings(),
        EngineSettings(choice=Choice.NONE),
        EngineSettings(choice=Choice.COMPREHEND, languages=frozenset({"en", "de"}), private=True, per_hour=0),
        EngineSettings(choice=Choice.BEDROCK, model="eu.amazon.nova-lite-v1:0", region="eu-central-1", limit_s=2.5),
        EngineSettings(choice=Choice.BEDROCK, model="us-gov.anthropic.claude-3-haiku-20240307-v1:0"),
        EngineSettings(choice=Choice.BEDROCK, model="amazon.nova-micro-v1:0"),
    ],
)
def test_settings_are_read_as_they_were_written(settings: EngineSettings) -> None:
    assert read_settings(to_plain(settings)) == settings


def test_nothing_set_is_the_built_in_engine() -> None:
    assert read_settings({}).choice is Choice.BUILTIN
    assert not read_settings({}).is_outside


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({"choice": "gpt"}, "not a valid Choice"),
        ({"engine": "bedrock"}, "no such setting"),
        ({"choice": "bedrock"}, "needs a model"),
        ({"choice": "bedrock", "model": "meta.llama3-8b-instruct-v1:0"}, "not among the models"),
        ({"model": "amazon.nova-canvas-v1:0"}, "not among the models"),
        ({"model": "anthropic.claude-3 haiku"}, "not among the models"),
        ({"region": "Frankfurt"}, "not a region"),
        ({"limit_s": 0}, "seconds"),
        ({"limit_s": 60.0}, "seconds"),
        ({"urgent_limit_s": float("nan")}, "seconds"),
        ({"limit_s": "4"}, "wrong kind"),
        ({"languages": ["German"]}, "not a language"),
        ({"languages": "en"}, "wrong kind"),
        ({"per_hour": -1}, "texts"),
        ({"per_day": True}, "wrong kind"),
        ({"private": "yes"}, "wrong kind"),
    ],
)
def test_what_cannot_be_meant_is_said(plain: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsInvalid, match=said):
        read_settings(plain)


def test_a_passage_shows_nothing_of_its_text() -> None:
    passage = Passage(text="my secret bag", labels=UNLABELLED, lang_hint="en-secret")
    assert "secret" not in repr(passage)
