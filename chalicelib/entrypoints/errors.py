"""
What an error is to whoever called over HTTP: one table for the API, the console and the links in alerts.

Errors are named by their place, so that nothing is imported for them: this is
loaded with every webhook. A test finds each public error of a use case that
is not here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


class ApiError(Exception):
    """An answer that is an error: a status, a stable code, and a sentence that says what to do."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorAnswer:
    """
    How an error is answered.

    `code` or `status` empty: the error has its own. `sentence` empty: the
    error's own words. `page` is the sentence on a page of the console, where
    it is another, and `title` the page's.
    """

    status: int = 0
    code: str = ""
    sentence: str = ""
    page: str = ""
    title: str = "This did not work"
    headers: Mapping[str, str] | None = None


_CASE: Final = "There is no case of that id."
_INCIDENT: Final = "There is no incident of that id."
_CUT_OFF: Final = "It may have been in a link that was cut off."
ANSWERS: Final[Mapping[str, ErrorAnswer]] = {
    "chalicelib.entrypoints.errors.ApiError": ErrorAnswer(),
    "chalicelib.entrypoints.api_models.BodyInvalid": ErrorAnswer(),
    # not there
    "chalicelib.usecases.cases.moving.UnknownCase": ErrorAnswer(
        status=404, code="unknown_case", page=f"{_CASE} {_CUT_OFF}", title="No such case"
    ),
    "chalicelib.usecases.incidents.UnknownIncident": ErrorAnswer(
        status=404,
        code="unknown_incident",
        sentence=f"{_INCIDENT} GET /api/incidents lists those there are.",
        page=f"{_INCIDENT} {_CUT_OFF}",
        title="No such incident",
    ),
    "chalicelib.usecases.causes.UnknownFix": ErrorAnswer(
        status=404, code="unknown_fix", sentence="There is no fix of that id. GET /api/fixes lists those there are."
    ),
    "chalicelib.usecases.acknowledge.UnknownLink": ErrorAnswer(
        status=404, code="unknown_link", sentence="This link is not valid, or not any more."
    ),
    "chalicelib.usecases.erase.NobodyKnown": ErrorAnswer(status=404, code="unknown_customer"),
    # not as it was asked for
    "chalicelib.usecases.act.NotAllowed": ErrorAnswer(status=409, code="not_allowed"),
    "chalicelib.usecases.act.ActionInvalid": ErrorAnswer(status=422, code="invalid"),
    "chalicelib.usecases.act.IdempotencyMismatch": ErrorAnswer(status=422, code="idempotency_mismatch"),
    "chalicelib.usecases.merging.MergeRefused": ErrorAnswer(status=422),
    "chalicelib.usecases.incidents.RequestInvalid": ErrorAnswer(status=422, code="invalid"),
    "chalicelib.usecases.incidents.KeyMismatch": ErrorAnswer(status=422, code="idempotency_mismatch"),
    "chalicelib.usecases.causes.CauseInvalid": ErrorAnswer(status=422, code="invalid"),
    "chalicelib.usecases.acknowledge.NameNeeded": ErrorAnswer(
        status=422, code="name_needed", sentence="Say who you are, so that others know whom to ask."
    ),
    "chalicelib.ports.connector.replying.Refused": ErrorAnswer(status=422),
    "chalicelib.ports.incidents.UnknownCursor": ErrorAnswer(
        status=400, code="query", sentence="more is what the answer before this one said; without it the list begins."
    ),
    # not now
    "chalicelib.usecases.cases.timeline.Overtaken": ErrorAnswer(
        status=503,
        code="busy",
        sentence="Others keep changing this case. Repeat it with the same Idempotency-Key: nothing is done twice.",
        page="Others keep changing this. Load the page again.",
        headers=MappingProxyType({"Retry-After": "1"}),
    ),
    "chalicelib.ports.erasure.SealMissing": ErrorAnswer(
        status=503,
        code="not_deployed",
        sentence="The key of erasures is missing on this stage. An engineer runs `earshot deploy`, which makes it.",
    ),
}
BROKEN: Final = ApiError(
    500,
    "internal",
    "Something broke on our side. An action may have been done: repeat it with the same Idempotency-Key.",
)
BROKEN_PAGE: Final = (
    "Something broke on our side. Load the page again; if it stays so, an engineer finds it in the log."
)


def known(error: Exception) -> ApiError | None:
    """The answer of the API; None for what nobody expected."""
    answer = _answer(error)
    if answer is None:
        return None
    status, code = answer.status or getattr(error, "status", 500), answer.code or getattr(error, "code", "")
    return ApiError(status, code, answer.sentence or str(error), answer.headers or getattr(error, "headers", None))


def known_on_a_page(error: Exception) -> tuple[int, str, str] | None:
    """Status, title and sentence of a page; None for what nobody expected."""
    answer, said = _answer(error), known(error)
    return (said.status, answer.title, answer.page or str(said)) if answer and said else None


def _answer(error: Exception) -> ErrorAnswer | None:
    """That of the error's own class: a subclass that means something else must have its own."""
    return ANSWERS.get(f"{type(error).__module__}.{type(error).__qualname__}")
