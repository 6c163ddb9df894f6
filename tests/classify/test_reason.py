"""Why people write, sentence by invented sentence."""

import pytest

from tests.classify import by_rules

ROWS = [
    ("assistance", "Can you help me with my booking?"),
    ("assistance", "How do I reset my password"),
    ("assistance", "Where is my parcel?"),
    ("assistance", "Please call me back about my loan"),
    ("assistance", "I need a refund for the blue kettle"),
    ("assistance", "My router is broken"),
    ("assistance", "my order never arrived"),
    ("assistance", "Hi there when does the Fernhill store open"),
    ("assistance", "Any update on the outage in Marlow?"),
    ("assistance", "still waiting for a reply from your team"),
    ("assistance", "I've sent you a DM with the details"),
    ("assistance", "Terrible service, please refund me"),
    ("assistance", "Wo ist mein Paket?"),
    ("assistance", "Pouvez-vous m'aider avec ma commande ?"),
    ("assistance", "Necesito ayuda con mi cuenta"),
    ("praise", "You were wonderful today, thank you"),
    ("praise", "Best haircut in years"),
    ("praise", "Thank you for your help"),
    ("praise", "what a lovely crew"),
    ("vent", "Your airline is a joke"),
    ("vent", "Ridiculous prices and rude staff"),
    ("vent", "Are you kidding me? Awful again"),
    ("vent", "How hard can it be to answer a phone? Useless"),
    ("vent", "Thanks for nothing"),
    ("vent", "So ein Saftladen, unverschämt"),
    ("spread", "Don't buy from this shop, people"),
    ("spread", "Avoid this bank at all costs"),
    ("spread", "Is anyone else's internet down?"),
    ("spread", "Everyone should try the plum cake here"),
    ("spread", "I highly recommend the Harbour Inn"),
    ("spread", "Please retweet so that others know"),
    ("spread", "Stay away from their extended warranty"),
    ("share", "I took the early train to Wexcombe with my sister"),
    ("share", "We moved to the harbour office in spring"),
    ("none", "Gate B, platform four"),
    ("none", "ok"),
]


@pytest.mark.parametrize(("reason", "text"), ROWS)
def test_reason(reason, text):
    label = by_rules(text).reason
    assert label.value == reason, label


def test_a_private_message_without_a_clue_wants_something():
    text = "Order from Tuesday, the green one"
    assert by_rules(text).reason.value != "assistance"
    assert by_rules(text, private=True).reason.value == "assistance"


def test_a_question_to_the_crowd_beside_one_to_the_brand_is_assistance():
    assert by_rules("Anyone else without water? Brightwater, can you help us").reason.value == "assistance"


def test_the_words_are_those_that_asked():
    assert by_rules("The lamp flickers. Please call me back").reason.words == ("Please", "call me")
