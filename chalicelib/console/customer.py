"""What a case's page says of who hears of it; the rest about the customer stands in the templates."""

from chalicelib.usecases.cases.case_views import ScoreView


def hears(view: ScoreView) -> str:
    """Unknown is not nobody."""
    if view.seen is None or view.value_cents is None:
        return f"How many people see it is unknown: the platform does not say. The author tells {view.told:,}."
    return (
        f"By an estimate {view.people:,} people will hear of it: {view.seen:,} see it, the author tells {view.told:,}. "
        f"As many impressions cost {view.value_cents / 100:,.2f}."
    )
