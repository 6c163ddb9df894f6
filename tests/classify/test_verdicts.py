"""Noise, complaint, and whether somebody waits for a reply."""

import pytest

from tests.classify import by_rules

NOISE = [
    "RT to win a free weekend for two!",
    "Follow and retweet to win one of three hampers",
    "We're hiring! Barista in Wexcombe, apply now",
    "Job alert: night porter, see our latest openings",
    "Double your bitcoin with our expert trader",
    "Earn $900 daily with forex signals, dm me to start",
    "Contact cyber_wiz99 to recover, he recovered my account in an hour",
    "4 people followed me and one person unfollowed me // automatically checked by statbot",
    "Casino bonus, 100 free spins today",
    "Use my referral code for a discount",
    "You have been selected, claim your prize",
    "giveaway! huge prizes for followers",
]

SIGNAL = [
    "I won your giveaway in May but the prize never arrived",
    "Can you help me with my order?",
    "I lost my job and cannot pay the loan, please help",
    "Where do I enter the discount code?",
    "Worst bank ever",
    "Thank you!",
]


@pytest.mark.parametrize("text", NOISE)
def test_noise_is_quiet_in_every_respect(text):
    labels = by_rules(text)
    assert labels.noise.value == "noise"
    assert labels.noise.words
    assert (labels.urgency.value, labels.reason.value) == ("low", "none")
    assert (labels.needs_reply.value, labels.complaint.value) == ("no", "no")


@pytest.mark.parametrize("text", SIGNAL)
def test_a_customer_is_no_noise(text):
    assert by_rules(text).noise.value == "signal"


COMPLAINT = [
    ("yes", "You lost my suitcase and nobody cares"),
    ("yes", "The worst hotline of all"),
    ("yes", "My new lamp is broken"),
    ("yes", "Great, another delay"),
    ("yes", "Mein Flug wurde gestrichen, unverschämt"),
    ("no", "What time do you open?"),
    ("no", "Lovely store, thank you"),
    ("no", "We moved to the harbour"),
]


@pytest.mark.parametrize(("verdict", "text"), COMPLAINT)
def test_complaint(verdict, text):
    assert by_rules(text).complaint.value == verdict


def test_praise_and_trouble_in_balance_leave_it_to_a_person():
    assert by_rules("amazing food, excellent crew, just a bit late").complaint.value == "unsure"


NEEDS_REPLY = [
    ("yes", "Can I bring my dog?"),
    ("yes", "Your service is terrible"),
    ("yes", "my parcel never arrived"),
    ("yes", "Please call me"),
    ("yes", "Don't buy here, they lost my order"),
    ("yes", "Kein Internet seit heute früh"),
    ("no", "Thank you so much"),
    ("no", "Great crew on the Lindholm flight"),
    ("no", "Gate B, platform four"),
    ("unsure", "Has anyone tried the new lounge?"),
]


@pytest.mark.parametrize(("verdict", "text"), NEEDS_REPLY)
def test_needs_reply(verdict, text):
    assert by_rules(text).needs_reply.value == verdict


@pytest.mark.parametrize("stars", [1, 2])
def test_few_stars_are_a_complaint_that_wants_a_reply(stars):
    labels = by_rules(None, rating=stars)
    assert (labels.complaint.value, labels.needs_reply.value, labels.reason.value) == ("yes", "yes", "vent")


def test_five_stars_are_praise_that_wants_none():
    labels = by_rules("", rating=5)
    assert (labels.complaint.value, labels.needs_reply.value, labels.reason.value) == ("no", "no", "praise")
