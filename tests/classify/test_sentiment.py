"""What the author feels, sentence by invented sentence."""

import pytest

from tests.classify import by_rules

NEGATIVE = [
    # plain
    "Your service is terrible",
    "The parcel arrived broken",
    "I am so disappointed with this bank",
    "Worst phone company I have ever dealt with",
    "Rude driver, he threw my box over the fence",
    "My washing machine stopped working after two weeks",
    "The app keeps crashing since the update",
    "Fed up with these delays",
    "you lost my suitcase",
    "We have no power in Elm Street since noon",
    "Overpriced and slow",
    "The soup was cold and the waiter ignored us",
    # negation
    "This is not good",
    "not happy with the new tariff",
    "The staff weren't helpful",
    "I can't recommend this shop",
    "didnt enjoy my stay",
    "It does not work",
    "Never received my order",
    "Nobody answers the phone",
    # contrast: what follows counts
    "The cabin was lovely but the flight was cancelled",
    "Nice shop, however the delivery was horrible",
    # sarcasm
    "Great, another delay",
    "Oh brilliant, the internet is down again",
    "Thanks for nothing",
    "Love waiting two hours for a replacement bus",
    "Fantastic! Card declined in front of everybody.",
    "thanks for losing my bag",
    "Well done breaking the one feature I paid for",
    "Great service as usual 🙄",
    "so glad I paid extra for priority",
    # emoji, emoticons, hashtags, elongation
    "my order 😡",
    "new update :(",
    "👎👎👎",
    "Hotline again #worstservice",
    "this is #ridiculous",
    "soooo slooow",
    "terribleeeee support",
    # other languages
    "Der Service ist eine Katastrophe",
    "Mein Paket ist immer noch nicht angekommen",
    "Zug schon wieder verspätet, ich bin sauer",
    "Votre service client est nul",
    "Toujours pas de réponse, je suis très déçu",
    "El servicio es pésimo",
    "Mi pedido no llegó y nadie responde",
    "Atendimento péssimo, estou indignado",
    "Servizio vergognoso, il treno è in ritardo",
    "Slechte service, mijn pakket is kwijt",
]

POSITIVE = [
    "Your crew was amazing",
    "Thank you so much",
    "Best coffee in town",
    "I love the new app",
    "Great job on the redesign",
    "Smooth check-in and friendly staff",
    "So happy with my new phone",
    "You made my day",
    "Big shout out to Marek at the Hillside branch",
    "The pizza was delicious!",
    "Quick delivery, nicely packed",
    "Highly recommend this hotel",
    # negation and idiom
    "can't complain",
    "Not bad at all",
    "No problems with the move, well done",
    "Never disappoints",
    "Great service as always",
    "Great staff, not crowded",
    "haha that was a great show",
    "Couldn't be happier with the repair",
    "I can't fault the service",
    "you guys are on fire, brilliant show",
    # contrast
    "The line was long but the staff were wonderful",
    # trouble that is over
    "Thanks for fixing my router so quickly",
    "Refund arrived, great service despite the mix up",
    # emoji, hashtags, elongation
    "new seats 😍",
    "my parcel is here 🎉👏",
    "best. airline. ever. <3",
    "#greatservice today",
    "sooooo goooood",
    "amaziiiing",
    # other languages
    "Vielen Dank, toller Service",
    "Das Essen war hervorragend",
    "Merci beaucoup, équipe formidable",
    "Excelente atención, muchas gracias",
    "Adorei o atendimento, parabéns",
    "Ottimo servizio, complimenti",
    "Geweldige service, dank je wel",
]

NEUTRAL = [
    "What are your opening hours?",
    "Do you ship to Norway?",
    "Flight 12 departs from gate B",
    "How do I change the name on my ticket? Thanks",
    "Good morning, is the Oakfield branch open on Sunday?",
    "I have a question about the student plan",
    "We are on our way",
    "Can I bring two bags?",
    "have a great day",
    "It would be great if you could add dark mode",
    "Wann öffnet die Filiale?",
    "À quelle heure ouvre le magasin ?",
]

ROWS = [
    (text, value)
    for value, texts in (("negative", NEGATIVE), ("positive", POSITIVE), ("neutral", NEUTRAL))
    for text in texts
]


@pytest.mark.parametrize(("text", "value"), ROWS)
def test_sentiment(text, value):
    label = by_rules(text).sentiment
    assert label.value == value, label


@pytest.mark.parametrize(
    ("stars", "value"), [(1, "negative"), (2, "negative"), (3, "neutral"), (4, "positive"), (5, "positive")]
)
def test_stars_alone_are_evidence_without_words(stars, value):
    label = by_rules(None, rating=stars).sentiment
    assert (label.value, label.words) == (value, ())


def test_one_star_outweighs_a_kind_word():
    assert by_rules("nice building", rating=1).sentiment.value == "negative"


def test_five_stars_outweigh_a_small_grumble():
    assert by_rules("a bit slow at lunch", rating=5).sentiment.value == "positive"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The driver was RUDE to me", ("RUDE",)),
        ("sooooo disappointiiiing", ("disappointiiiing",)),
        ("Thanks for nothing!", ("Thanks for nothing",)),
        ("You\u2019ve never answered my mail, terrible", ("terrible", "never answered")),
    ],
)
def test_words_stand_as_they_were_written(text, words):
    assert by_rules(text).sentiment.words == words


def test_more_of_the_same_makes_surer():
    assert by_rules("awful, rude and useless").sentiment.score > by_rules("rude").sentiment.score
