"""What nobody here can judge is normal, unsure, and a person looks: finding nothing is not a finding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.classify import LAYER
from chalicelib.classify import classify, encoder
from chalicelib.classify.encoder import Text
from chalicelib.domain.canonical import canonical
from chalicelib.domain.labels import Labels, Noise, Urgency, Verdict
from chalicelib.domain.refinement import refined

LOADED = encoder.load(LAYER)


def tiny(text: str, hint: str | None = None) -> Labels:
    return classify(text, lang_hint=hint)


def better(text: str, hint: str | None = None) -> Labels:
    return refined(classify(text, lang_hint=hint), LOADED.labels([Text(text=text, lang_hint=hint)])[0])


TIERS = pytest.mark.parametrize("judge", [tiny, better])
# What the brand's customers may say in languages that nobody here knows: "we have been sitting here since the morning".
UNKNOWN = {
    "ru": "Мы сидим здесь с самого утра",
    "uk": "Ми сидимо тут від самого ранку і чекаємо",
    "el": "Καθόμαστε εδώ από το πρωί",
    "ar": "نحن نجلس هنا منذ الصباح",
    "he": "אנחנו יושבים כאן מהבוקר",
    "fa": "از صبح اینجا نشسته‌ایم",
    "hi": "हम सुबह से यहाँ बैठे हैं",
    "bn": "আমরা সকাল থেকে এখানে বসে আছি",
    "ta": "நாங்கள் காலையிலிருந்து இங்கே இருக்கிறோம்",
    "ja": "朝からずっとここに座っています",
    "zh": "我们从早上就坐在这里",
    "ko": "우리는 아침부터 여기 앉아 있어요",
    "th": "เรานั่งอยู่ที่นี่ตั้งแต่เช้า",
    "ka": "დილიდან აქ ვსხედვართ",
    "hy": "Առավոտից այստեղ ենք նստած",
    "am": "ከጠዋት ጀምሮ እዚህ ተቀምጠናል",
    "my": "မနက်ကတည်းက ဒီမှာထိုင်နေတယ်",
    "km": "យើងអង្គុយនៅទីនេះតាំងពីព្រឹក",
    "pl": "Siedzimy tu od samego rana",
    "cs": "Sedíme tady od samého rána",
    "tr": "Sabahtan beri burada oturuyoruz",
    "fi": "Olemme istuneet täällä aamusta asti",
    "hu": "Reggel óta itt ülünk",
    "sv": "Vi har suttit här sedan morgonen",
    "ro": "Stăm aici de azi dimineață",
    "vi": "Chúng tôi ngồi đây từ sáng",
    "id": "Kami sudah duduk di sini sejak pagi",
    "sw": "Tumekaa hapa tangu asubuhi",
}


def assert_a_person_looks(found: Labels) -> None:
    assert found.urgency.value.rank >= Urgency.NORMAL.rank
    assert found.needs_reply.value is not Verdict.NO
    assert found.complaint.value is not Verdict.NO
    assert found.noise.value is Noise.SIGNAL


@TIERS
@pytest.mark.parametrize("language", UNKNOWN)
@pytest.mark.parametrize("is_told", [True, False], ids=["told", "not told"])
def test_a_language_that_nobody_knows_is_looked_at(judge, language, is_told):
    assert_a_person_looks(judge(UNKNOWN[language], language if is_told else None))


# Not those in Latin letters: beside English words nothing but their own words tells them.
IN_OTHER_LETTERS = [
    language
    for language, text in UNKNOWN.items()
    if not text.isascii() and language not in ("cs", "tr", "fi", "hu", "sv", "ro", "vi")
]


@TIERS
@pytest.mark.parametrize("language", IN_OTHER_LETTERS)
def test_so_is_a_part_of_a_text(judge, language):
    assert_a_person_looks(judge(f"Thank you, great crew! {UNKNOWN[language]}"))


def says_nothing(text: str) -> bool:
    """No letter, also none in a circle."""
    return not any(map(str.isalpha, canonical(text).text))


@given(
    st.text(
        st.characters(categories=["So", "Sk", "Sm", "Po", "Ps", "Nd"], exclude_characters="&<>"), max_size=12
    ).filter(says_nothing)
)
def test_signs_and_numbers_alone_are_looked_at(text):
    assert_a_person_looks(classify(text))


@pytest.mark.parametrize("text", ["", " ", "🎉", "🎉🎉", "👍", "❤️", "...", "https://example.com"])
@TIERS
def test_what_says_nothing_is_looked_at(judge, text):
    assert_a_person_looks(judge(text))


@TIERS
@pytest.mark.parametrize("hint", ["en", "und", None])
def test_what_is_known_to_say_nothing_urgent_is_still_low(judge, hint):
    found = judge("thanks for the lovely flight, the crew was great", hint)
    assert (found.urgency.value, found.needs_reply.value) == (Urgency.LOW, Verdict.NO)


@pytest.mark.parametrize(
    ("text", "hint", "is_low"),
    [
        ("vielen dank für den tollen flug, super crew", "de", True),
        ("Heute ist in Lindholm Markt", "de", False),
        ("merci beaucoup, vous êtes géniaux", "fr", True),
        ("Le marché est ouvert à Lindholm", "fr", False),
    ],
)
def test_word_lists_must_find_praise_to_call_something_low(text, hint, is_low):
    assert (classify(text, lang_hint=hint).urgency.value is Urgency.LOW) == is_low


def test_a_language_that_was_not_told_is_not_english():
    assert classify(UNKNOWN["pl"]).engine != classify("where is my bag").engine
