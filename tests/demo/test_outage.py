"""The outage at the end of the demo is one incident, by the history that comes with it, on the real road in memory."""

from datetime import timedelta

from chalicelib.adapters.rollups import TableRollups
from chalicelib.classify import classify
from chalicelib.connectors import parser
from chalicelib.domain.facts import Fact
from chalicelib.ports.connector.parsing import ChannelSettings
from chalicelib.ports.connector.receiving import InboundRequest
from chalicelib.usecases import incident_watch
from infra.demo import airline as a
from infra.demo import outage, story
from tests.usecases.outage import Airline


def facts() -> list[Fact]:
    settings = ChannelSettings(accounts=frozenset({a.AIRLINE_ON_X.id}))
    parsed = [
        parser("x").parse(
            InboundRequest(
                platform="x",
                channel=a.X,
                method="POST",
                headers={},
                query={},
                body=one.body,
                received_at=story.ENDS,
                request_id="r",
            ),
            settings,
        )
        for one in outage.posts()
    ]
    return [fact for one in parsed for fact in one.facts]


def test_it_is_one_incident_and_the_days_before_have_causes() -> None:
    airline, said = Airline(), facts()
    assert len(said) == outage.PEOPLE
    assert all(story.ENDS - timedelta(minutes=10) < fact.effective_at < story.ENDS for fact in said)
    for hour in outage.hours(story.ENDS):
        airline.signals.count(hour)
    for fact in said:
        airline.hear([fact], labels=classify(fact.text, lang_hint=fact.lang))
    incident_watch.watch(airline.ports, story.ENDS)
    assert airline.one.people >= outage.PEOPLE - 4
    rollups = TableRollups(airline.table)
    days = [day for day, lines in outage.causes(story.ENDS) if rollups.save_causes(day, lines) is None]
    assert len(days) == outage.DAYS
    assert all(rollups.causes(day) for day in days)
