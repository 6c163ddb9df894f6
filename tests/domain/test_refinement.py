"""What a better engine may change, and which labels stand when two deliveries were judged apart."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.labels import (
    UNDETERMINED,
    UNLABELLED,
    Aspect,
    AspectName,
    Label,
    Labels,
    Noise,
    Reason,
    Sentiment,
    Topic,
    TopicKind,
    Urgency,
    Verdict,
)
from chalicelib.domain.refinement import joined, refined

scores = st.sampled_from([0.0, 0.5, 0.9])
words = st.sampled_from([(), ("bag",), ("lost", "bag")])


def label(values):
    return st.builds(Label, st.sampled_from(values), scores, words)


judgements = st.builds(
    Labels,
    sentiment=label(list(Sentiment)),
    reason=label(list(Reason)),
    urgency=label(list(Urgency)),
    language=label(["en", "de", UNDETERMINED]),
    noise=label(list(Noise)),
    needs_reply=label(list(Verdict)),
    complaint=label(list(Verdict)),
    engine=st.sampled_from(["rules-1", "encoder-1+rules-1", "bedrock/m+rules-1"]),
    aspects=st.sampled_from([(), (Aspect(AspectName.FOOD, Label(Sentiment.POSITIVE, 0.9)),)]),
    topics=st.sampled_from([(), (Topic(TopicKind.PLACE, "Basel"),)]),
)


def said(**labels):
    """Labels of a sure engine; what is not named it did not judge."""
    return replace(UNLABELLED, engine="better", **labels)


FIRST = replace(
    UNLABELLED,
    engine="rules-1",
    sentiment=Label(Sentiment.NEUTRAL, 0.6),
    reason=Label(Reason.SHARE, 0.6),
    urgency=Label(Urgency.NORMAL, 0.65, ("bag",)),
    language=Label("en", 0.9),
    noise=Label(Noise.SIGNAL, 0.7),
    needs_reply=Label(Verdict.NO, 0.7),
    complaint=Label(Verdict.NO, 0.7),
)
HIGH = replace(FIRST, urgency=Label(Urgency.HIGH, 0.8, ("stuck",)))


# --- refined ----------------------------------------------------------------------------------------------------


@given(judgements, judgements)
def test_urgency_only_rises(first, better):
    assert refined(first, better).urgency.value.rank >= first.urgency.value.rank


@given(judgements, judgements)
def test_what_was_urgent_never_becomes_noise(first, better):
    urgent = first.urgency.value.rank >= Urgency.HIGH.rank
    was_noise = first.noise.value is Noise.NOISE
    assert was_noise or not (urgent and refined(first, better).noise.value is Noise.NOISE)


@given(judgements)
def test_an_engine_that_judged_nothing_changes_nothing_but_the_name(first):
    nothing = replace(UNLABELLED, engine="better")
    assert replace(refined(first, nothing), engine=first.engine) in (
        first,
        replace(first, needs_reply=Label(Verdict.UNSURE, 0.5)),
    )


def test_whoever_raises_the_urgency_brings_the_words():
    raised = refined(FIRST, said(urgency=Label(Urgency.CRITICAL, 0.9, ("insulin",))))
    assert raised.urgency == Label(Urgency.CRITICAL, 0.9, ("insulin",))
    same = refined(HIGH, said(urgency=Label(Urgency.HIGH, 0.99, ("now",))))
    assert same.urgency == HIGH.urgency


def test_the_name_says_who_judged_the_last_one_first():
    assert refined(refined(FIRST, said()), replace(said(), engine="bedrock/m")).engine == "bedrock/m+better+rules-1"


def test_who_agrees_without_words_leaves_those_that_were_found():
    first = replace(FIRST, sentiment=Label(Sentiment.NEGATIVE, 0.6, ("lost",)))
    assert refined(first, said(sentiment=Label(Sentiment.NEGATIVE, 0.97))).sentiment == Label(
        Sentiment.NEGATIVE, 0.97, ("lost",)
    )
    assert refined(first, said(sentiment=Label(Sentiment.POSITIVE, 0.97))).sentiment.words == ()


def test_aspects_and_topics_stay_where_the_engine_has_none():
    food = (Aspect(AspectName.FOOD, Label(Sentiment.POSITIVE, 0.9)),)
    place = (Topic(TopicKind.PLACE, "Basel"),)
    first = replace(FIRST, aspects=food, topics=place)
    waiting = (Aspect(AspectName.WAITING, Label(Sentiment.NEGATIVE, 0.8)),)
    assert (refined(first, said()).aspects, refined(first, said()).topics) == (food, place)
    assert (refined(first, said(aspects=waiting)).aspects, refined(first, said()).topics) == (waiting, place)


def test_a_language_that_nobody_knows_is_no_news():
    assert refined(FIRST, said(language=Label(UNDETERMINED, 0.9))).language == Label("en", 0.9)
    assert refined(FIRST, said(language=Label("nl", 0.9))).language == Label("nl", 0.9)


def test_noise_is_taken_for_what_is_not_urgent_and_left_out_whole_for_what_is():
    noise = said(
        noise=Label(Noise.NOISE, 0.9),
        urgency=Label(Urgency.CRITICAL, 0.9),
        needs_reply=Label(Verdict.NO, 0.9),
        sentiment=Label(Sentiment.POSITIVE, 0.9),
    )
    ordinary = refined(FIRST, noise)
    assert (ordinary.noise.value, ordinary.urgency) == (Noise.NOISE, FIRST.urgency)
    assert refined(HIGH, noise) == HIGH


@pytest.mark.parametrize(
    ("first", "better", "needs_reply", "complaint"),
    [
        # an engine that judges sentiment only, and finds displeasure, casts doubt on both
        (FIRST, said(sentiment=Label(Sentiment.NEGATIVE, 0.9)), Verdict.UNSURE, Verdict.UNSURE),
        (FIRST, said(sentiment=Label(Sentiment.POSITIVE, 0.9)), Verdict.NO, Verdict.NO),
        # one that judged them too is believed
        (
            FIRST,
            said(
                sentiment=Label(Sentiment.NEGATIVE, 0.9),
                needs_reply=Label(Verdict.NO, 0.8),
                complaint=Label(Verdict.YES, 0.8),
            ),
            Verdict.NO,
            Verdict.YES,
        ),
        # but not that somebody urgent needs no reply
        (HIGH, said(needs_reply=Label(Verdict.NO, 0.9)), Verdict.UNSURE, Verdict.NO),
    ],
)
def test_a_plain_no_that_no_longer_fits_is_unsure(first, better, needs_reply, complaint):
    labels = refined(first, better)
    assert (labels.needs_reply.value, labels.complaint.value) == (needs_reply, complaint)


# --- joined -----------------------------------------------------------------------------------------------------


@given(judgements, judgements, judgements)
def test_joining_means_the_same_in_any_order_and_any_number(a, b, c):
    assert joined(a, b) == joined(b, a)
    assert joined(joined(a, b), c) == joined(a, joined(b, c))
    assert joined(a, a) == a
    assert joined(joined(a, b), a) == joined(a, b)


@given(judgements, judgements)
def test_joining_never_lowers_and_never_hides(a, b):
    both = joined(a, b)
    assert both.urgency.value.rank == max(a.urgency.value.rank, b.urgency.value.rank)
    assert (both.noise.value is Noise.NOISE) == (a.noise.value is b.noise.value is Noise.NOISE)


def test_of_two_deliveries_the_one_that_more_engines_judged_stands():
    better = refined(FIRST, said(sentiment=Label(Sentiment.NEGATIVE, 0.9)))
    assert joined(FIRST, better) == joined(better, FIRST) == better
