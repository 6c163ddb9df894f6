"""How soon a person must look, sentence by invented sentence."""

import pytest

from tests.classify import by_rules

CRITICAL = [
    "Your charger caught fire in my kitchen",
    "There is a smell of gas in the flat and nobody answers",
    "My son had an allergic reaction to your nut-free cake",
    "The driver threatened me at my own door",
    "I was harassed by one of your stewards",
    "Someone is using my card right now, please block it",
    "my account was hacked and they are buying things",
    "I can see another customer: your app shows someone else's statement",
    "Huge data breach at your shop, my address is on a forum",
    "We are stranded at the airport with a baby",
    "They refused boarding to my mother in a wheelchair",
    "My insulin is in the suitcase that you lost",
    "Stuck in the lift of your store for an hour, my wife is pregnant",
    "I was denied service because I'm deaf. This is discrimination",
    "I want to end my life because of this debt",
    "the brakes failed on the car you rented us",
    "Handy ist explodiert, meine Frau ist verletzt",
    "Le chargeur a pris feu cette nuit",
    "Hackearon mi cuenta, ayuda",
    "Siamo bloccati in aeroporto con due bambini",
]

HIGH = [
    "My flight was cancelled and I am at the gate",
    "flight cancelled tonight, what now?",
    "We missed our connection because of you",
    "I have been on hold for 2 hours",
    "You charged me twice for one pair of shoes",
    "Charged twice!!",
    "My payment was taken twice",
    "You took £80 out of my account without asking",
    "I am locked out of my account",
    "No internet since this morning",
    "Your website is down",
    "Still no refund after six weeks",
    "I am cancelling my contract",
    "Never flying with you again",
    "You will hear from my lawyer",
    "I am going to the press with this",
    "I'll report you to the ombudsman",
    "Flug gestrichen, was jetzt?",
    "Mon vol est annulé et personne ne répond",
    "Me cobraron dos veces el mismo pedido",
    "Cobraram duas vezes no meu cartão",
    "Geen internet sinds vanochtend",
]

NORMAL = [
    "How do I change my address?",
    "Can you tell me when the new phone is out?",
    "My kettle arrived with a dent, the lid does not fit",
    "The waiter was rude to me",
    "Is the Fernhill store open today?",
]

LOW = [
    "Thank you, lovely trip",
    "Best pizza ever",
    "Our office moved to the harbour last spring",
    "What a beautiful store, great music too",
    # the shape of an alarm, and none of its meaning
    "your team is on fire this season, love it",
    "The bath bombs smell amazing",
    "fire sale at the mall was great fun",
    "No delays, no problems, great flight",
]

ROWS = [
    (value, text)
    for value, texts in (("critical", CRITICAL), ("high", HIGH), ("normal", NORMAL), ("low", LOW))
    for text in texts
]


@pytest.mark.parametrize(("urgency", "text"), ROWS)
def test_urgency(urgency, text):
    label = by_rules(text).urgency
    assert label.value == urgency, label


@pytest.mark.parametrize(
    ("text", "below"),
    [
        ("Nobody was injured, all fine", "critical"),
        ("The flight was not cancelled after all", "high"),
        ("No rush, but my flight was cancelled last year, can I still claim?", "high"),
    ],
)
def test_a_denied_alarm_is_none(text, below):
    order = ["low", "normal", "high", "critical"]
    assert order.index(by_rules(text).urgency.value) < order.index(below)


def test_the_words_of_an_alarm_are_quoted_from_first_to_last():
    assert by_rules("our flight to Lindholm was cancelled").urgency.words == ("our flight to Lindholm was cancelled",)


def test_the_vulnerable_make_a_blocked_journey_critical():
    assert by_rules("We are stranded in Lindholm").urgency.value == "high"
    assert by_rules("We are stranded in Lindholm with my grandmother").urgency.value == "critical"
