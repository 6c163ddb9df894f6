"""A page as its link shows it, on a phone and at night: who waits, since when, what broke, and one button."""

from datetime import datetime, timedelta
from typing import Final

from chalicelib.console import words
from chalicelib.console.markup import NOTHING, Html, html, page, stranger
from chalicelib.domain.clock import METRIC_WORDS
from chalicelib.domain.in_words import sentence, span
from chalicelib.domain.platforms import name_of as platform_name
from chalicelib.usecases.acknowledge import MOST_NAME_CHARS, Standing, View
from chalicelib.usecases.show import name_of

_FRAME: Final = """\
<main class="entrance">
<h1>{title}</h1>
{content}<p><a href="../console/c/{case_id}">Open the case</a></p>
</main>"""

_FORM: Final = """\
{trouble}<form method="post">
<label for="name">Your name</label>
<input id="name" name="name" type="text" required maxlength="{most}" autocomplete="name" value="{name}">
<button>I am on it</button>
</form>
<p class="hint">Then nobody else is called for a while. Answer the customer: only that ends it.</p>
"""

GONE: Final = "This link is not valid, or not any more. Links in pages work for three days."
NAME_NEEDED: Final = "Say who you are, so that others know whom to ask."


def draw(view: View, *, now: datetime, name: str = "", trouble: str = "") -> str:
    """The page. `name` is what the form begins with."""
    title, content = _DRAWN[view.standing](view, now)
    if view.standing is Standing.WAITING:
        said = html('<p class="trouble" role="alert">{trouble}</p>\n', trouble=trouble) if trouble else NOTHING
        form = html(_FORM, trouble=said, most=str(MOST_NAME_CHARS), name=name)
        content = html("{content}{form}", content=content, form=form)
    return page(title, html(_FRAME, title=title, content=content, case_id=view.case.case_id))


def gone() -> str:
    """For links that lead nowhere."""
    title = "Nothing here"
    return page(
        title, html('<main class="entrance">\n<h1>{title}</h1>\n<p>{text}</p>\n</main>', title=title, text=GONE)
    )


def failed() -> str:
    """For when something broke on our side."""
    title = "This did not work"
    text = "Nothing was recorded. Load the page again; if it stays so, open the case itself."
    return page(
        title, html('<main class="entrance">\n<h1>{title}</h1>\n<p>{text}</p>\n</main>', title=title, text=text)
    )


def _waiting(view: View, now: datetime) -> tuple[str, Html]:
    return "A customer waits" if view.count == 1 else f"{view.count} customers wait", _who(view, now)


def _taken(view: View, now: datetime) -> tuple[str, Html]:
    given = view.given
    assert given is not None  # noqa: S101  somebody has taken it
    said = html(
        "<p>{by} is on it since {at}. Nobody else is called until {until}.</p>\n",
        by=stranger(sentence(given.by)),
        at=words.instant(given.at, now),
        until=words.instant(given.until, now),
    )
    return "Somebody is on it", html("{said}{who}", said=said, who=_who(view, now))


def _lapsed(view: View, now: datetime) -> tuple[str, Html]:
    given = view.given
    assert given is not None  # noqa: S101  somebody had taken it
    said = html(
        "<p>{by} was on it until {until}, and the customer still waits. The newest page has a link of its own.</p>\n",
        by=stranger(sentence(given.by)),
        until=words.instant(given.until, now),
    )
    return "A customer still waits", html("{said}{who}", said=said, who=_who(view, now))


def _over(view: View, now: datetime) -> tuple[str, Html]:  # noqa: ARG001
    return "It is over", html("<p>{text}</p>\n", text="Nobody waits under this page any more. There is nothing to do.")


_DRAWN: Final = {
    Standing.WAITING: _waiting,
    Standing.TAKEN: _taken,
    Standing.LAPSED: _lapsed,
    Standing.OVER: _over,
}


def _who(view: View, now: datetime) -> Html:
    state, clock = view.case.state, view.clock
    assert clock is not None  # noqa: S101  somebody waits
    others = html("<p>This is about {count} customers; one of them:</p>\n", count=str(view.count))
    broken = words.instant(clock.breach_at, now) if clock.breach_at else "a while"
    return html(
        "{others}<p>{who} on {platform} waits for {what}: {since}.</p>\n"
        "<p>Promised within {target}; broken since {broken}.</p>\n",
        others=others if view.count > 1 else NOTHING,
        who=stranger(words.person(name_of(state.author))),
        platform=platform_name(view.case.platform),
        what=f"a {METRIC_WORDS[clock.metric]}",
        since=words.since(state.waiting_since or clock.started_at, now),
        target=span(timedelta(seconds=clock.target_s)),
        broken=broken,
    )
