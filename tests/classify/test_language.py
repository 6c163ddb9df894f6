"""The language, by script, small words and hint."""

import pytest

from chalicelib.classify.language import primary_tag
from tests.classify import by_rules

ROWS = [
    ("en", "Can you tell me when the store is open on Sunday?"),
    ("de", "Wann kommt mein Paket und warum meldet ihr euch nicht?"),
    ("fr", "Je suis très déçu, mon colis est toujours en attente depuis lundi"),
    ("es", "Llevo tres días sin internet y nadie me da una solución, por favor"),
    ("pt", "Não consigo falar com vocês, estou sem internet desde ontem e não tenho resposta"),
    ("it", "Il mio pacco non è arrivato e non ho ancora una risposta da voi"),
    ("nl", "Waarom is mijn pakket nog niet geleverd, ik wacht al een week op jullie"),
    ("ja", "荷物がまだ届きません"),
    ("zh", "我的包裹还没有到"),
    ("ko", "택배가 아직 안 왔어요"),
    ("ru", "Где моя посылка"),
    ("uk", "Де моя посилка, її ще немає"),
    ("ar", "أين طلبي"),
    ("fa", "چرا پاسخ نمی‌دهید گوشی"),
    ("he", "איפה החבילה שלי"),
    ("hi", "मेरा ऑर्डर कहाँ है"),
    ("th", "พัสดุของฉันอยู่ที่ไหน"),
    ("el", "Πού είναι το δέμα μου"),
    ("und", "ok"),
    ("und", "Lindholm 4711"),
    ("und", "😡😡"),
]


@pytest.mark.parametrize(("tag", "text"), ROWS)
def test_language(tag, text):
    assert by_rules(text).language.value == tag


@pytest.mark.parametrize(
    ("text", "hint", "tag"),
    [
        ("Paket kaputt", "de", "de"),
        ("ok", "pt-BR", "pt"),
        ("ok", "und", "und"),
        ("Can you tell me when the store is open on Sunday?", "de", "en"),
        ("Къде остана поръчката", "bg", "bg"),
        ("Где моя посылка", "en", "ru"),
        ("माझी ऑर्डर कुठे आहे", "mr", "mr"),
    ],
)
def test_the_hint_decides_only_what_the_text_leaves_open(text, hint, tag):
    assert by_rules(text, lang_hint=hint).language.value == tag


@pytest.mark.parametrize(
    ("hint", "tag"),
    [
        (None, "und"),
        ("", "und"),
        ("EN", "en"),
        ("en-GB", "en"),
        ("pt_BR", "pt"),
        ("zh-Hant-TW", "zh"),
        ("fil", "fil"),
        ("iw", "he"),
        ("in", "id"),
        ("qme", "und"),
        ("qht", "und"),
        ("zxx", "und"),
        ("und", "und"),
        ("english", "und"),
        ("e1", "und"),
        ("quz", "quz"),
    ],
)
def test_primary_tags(hint, tag):
    assert primary_tag(hint) == tag


def test_the_small_words_that_told_it_are_quoted():
    label = by_rules("Wann kommt mein Paket und warum meldet ihr euch nicht?").language
    assert set(label.words) <= {"Wann", "mein", "und", "warum", "ihr", "euch", "nicht"}
    assert label.words
