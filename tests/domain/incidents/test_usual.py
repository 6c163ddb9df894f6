"""What is usual at this weekday and hour: weeks, days, hours, and none at all."""

from datetime import timedelta

from chalicelib.domain.incidents.usual import HOUR, Hour, Usual, comparable, counted
from chalicelib.domain.labels import Sentiment
from tests.domain.incidents.people import NOW, several, signal, usual

TWENTY = timedelta(minutes=20)


def test_an_hour_counts_people_and_not_mentions():
    begin = NOW.replace(minute=0)
    same = [signal(number, "app down", who="w1", minutes_ago=number) for number in range(5)]
    hour = counted(begin, [*same, signal(9, "app fine", who="w2")])
    assert (hour.people, hour.counts["term:app"], hour.counts["term:down"]) == (2, 2, 1)
    assert hour.counts["channel:x.main"] == 2


def test_praise_and_other_hours_are_in_no_count():
    begin = NOW.replace(minute=0)
    praise = signal(1, "lovely crew", sentiment=Sentiment.POSITIVE, complains=False)
    assert counted(begin, [praise, signal(2, "bag late", minutes_ago=45)]) == Hour(begin=begin, people=0)


def test_conversations_and_copies_are_of_no_use_later():
    hour = counted(NOW.replace(minute=0), several(["bring back the old seat map please"], 6, thread="t1"))
    assert {feature.partition(":")[0] for feature in hour.counts} == {"term", "channel"}


def test_the_hours_to_look_at_are_those_of_weeks_days_and_the_last_day():
    begins = comparable(NOW)
    this = NOW.replace(minute=0)
    assert len(begins) <= 100
    assert all(begin < this for begin in begins)
    assert this - timedelta(weeks=8) in begins
    assert this - timedelta(days=7) + HOUR in begins
    assert this - HOUR in begins


def test_with_weeks_it_says_this_weekday_and_hour():
    found = usual(people=60, term_bag=6).expected("term:bag", people=20, span=TWENTY)
    assert found.is_weekly
    assert 1.5 < found.mean < 2.5


def test_without_weeks_the_last_hours_must_do():
    found = usual(people=60, hours=8, term_bag=6).expected("term:bag", people=20, span=TWENTY)
    assert not found.is_weekly
    assert 1.5 < found.mean < 2.5


def test_in_the_first_hours_a_floor_stands_in_for_what_nobody_can_say():
    for young in (usual(people=20, hours=4), Usual([], NOW)):
        found = young.expected("term:bag", people=80, span=TWENTY)
        assert (found.is_floor, found.mean) == (True, 20.0)
        assert young.expected("term:bag", people=3, span=TWENTY).mean == 4.0
        assert young.expected("channel:x.main", people=80, span=TWENTY) is None
        assert young.expected("term:bag", people=80, span=3 * TWENTY) is None
    assert not usual(people=60).expected("term:bag", people=80, span=TWENTY).is_floor


def test_the_less_history_there_is_the_less_it_proves():
    little = usual(people=60, hours=5).expected("term:new", people=60, span=TWENTY)
    much = usual(people=60).expected("term:new", people=60, span=TWENTY)
    assert little.mean > much.mean


def test_a_busy_day_is_not_unusual_in_everything():
    quiet = usual(people=60, term_bag=6).expected("term:bag", people=20, span=TWENTY)
    busy = usual(people=60, term_bag=6).expected("term:bag", people=200, span=TWENTY)
    assert busy.mean > 5 * quiet.mean


def test_a_channel_is_compared_with_its_own_hours_only():
    assert (
        usual(people=60, hours=20, **{"channel_x.main": 30}).expected("channel:x.main", people=9, span=TWENTY) is None
    )
    found = usual(people=60, **{"channel_x.main": 30}).expected("channel:x.main", people=500, span=TWENTY)
    assert found.mean == 10.0


def test_hours_in_which_nobody_was_heard_are_not_silence():
    heard = usual(people=60, term_bag=6)
    begins = comparable(NOW)
    deaf = Usual([Hour(begin=begin, people=0) for begin in begins], NOW)
    assert deaf.people == 0
    assert heard.people > 0
    assert deaf.expected("channel:x.main", people=9, span=TWENTY) is None


def test_one_outage_last_week_changes_little():
    begins = comparable(NOW)
    calm = [Hour(begin=begin, people=60, counts={"term:app": 3}) for begin in begins]
    outage = [Hour(begin=begins[0], people=200, counts={"term:app": 150}), *calm[1:]]
    before = Usual(calm, NOW).expected("term:app", people=60, span=HOUR).mean
    after = Usual(outage, NOW).expected("term:app", people=60, span=HOUR).mean
    assert after < before * 1.2
