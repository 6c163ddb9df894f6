"""What the bodies of requests may hold. Loaded by the one route that needs it: pydantic costs a cold start."""

from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chalicelib.domain.customer import ChangeKind
from chalicelib.domain.events import EventKind
from chalicelib.domain.labels import Urgency
from chalicelib.ports.access import NAME_PATTERN
from chalicelib.usecases import act


class BodyInvalid(ValueError):
    """The body is not what was asked for; the message says where. `status` is the HTTP answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Reply(_Body):
    action: Literal["reply"]
    text: str
    private: bool | None = None
    then: Literal["wait", "resolve"] | None = None
    to_message_id: Annotated[str, Field(min_length=1, max_length=400)] | None = None

    def intent(self) -> act.Intent:
        then = EventKind(self.then) if self.then else None
        return act.Answer(text=self.text, private=self.private, then=then, to_message_id=self.to_message_id)


class _Note(_Body):
    action: Literal["note"]
    text: str

    def intent(self) -> act.Intent:
        return act.Note(text=self.text)


class _Assign(_Body):
    action: Literal["assign"]
    to: Annotated[str, Field(pattern=f"^{NAME_PATTERN}$")] | None

    def intent(self) -> act.Intent:
        return act.Assign(to=self.to)


class _Priority(_Body):
    action: Literal["priority"]
    to: Literal["low", "normal", "high", "critical"]

    def intent(self) -> act.Intent:
        return act.Prioritise(to=Urgency(self.to))


class _Move(_Body):
    action: Literal["wait", "hold", "open", "resolve", "reopen", "spam", "restore"]

    def intent(self) -> act.Intent:
        return act.Move(kind=EventKind(self.action))


class Merge(_Body):
    """Which case joins the one in the path. `preview` asks only what that would do."""

    from_id: Annotated[str, Field(alias="from", min_length=1, max_length=100)]
    other_customer: bool = False
    preview: bool = False


_Action = Annotated[_Reply | _Note | _Assign | _Priority | _Move, Field(discriminator="action")]
_ADAPTER: TypeAdapter[_Action] = TypeAdapter(_Action)
BODIES: tuple[type[_Body], ...] = (_Reply, _Note, _Assign, _Priority, _Move)
ACTIONS = tuple(name for body in BODIES for name in get_args(body.model_fields["action"].annotation))


class _Tier(_Body):
    change: Literal["tier"]
    to: Annotated[str, Field(min_length=1, max_length=64)] | None

    def wanted(self) -> "Wanted":
        return Wanted(ChangeKind.TIER, self.to)


class _Tag(_Body):
    change: Literal["tag", "untag"]
    tag: str

    def wanted(self) -> "Wanted":
        return Wanted(ChangeKind(self.change), self.tag)


class _Consent(_Body):
    change: Literal["consent", "consent_withdrawn"]
    how: str

    def wanted(self) -> "Wanted":
        return Wanted(ChangeKind(self.change), self.how)


class _Promise(_Body):
    change: Literal["promise"]
    text: str
    due_on: str

    def wanted(self) -> "Wanted":
        return Wanted(ChangeKind.PROMISE, self.text, self.due_on)


class _Settled(_Body):
    change: Literal["kept", "broken"]
    promise_id: str

    def wanted(self) -> "Wanted":
        return Wanted(ChangeKind(self.change), self.promise_id)


class Wanted(NamedTuple):
    """What is to be recorded of a customer, as `remember.Request` has it."""

    kind: ChangeKind
    value: str | None
    due_on: str | None = None


CHANGES: tuple[type[_Body], ...] = (_Tier, _Tag, _Consent, _Promise, _Settled)
_Change = Annotated[_Tier | _Tag | _Consent | _Promise | _Settled, Field(discriminator="change")]
_CHANGES: TypeAdapter[_Change] = TypeAdapter(_Change)


def read(body: bytes) -> act.Intent:
    """What the body asks for. Raises BodyInvalid."""
    try:
        return _ADAPTER.validate_json(body).intent()
    except ValidationError as error:
        raise invalid(error, f"action must be one of {', '.join(ACTIONS)}.") from None


def read_merge(body: bytes) -> Merge:
    """Raises BodyInvalid."""
    try:
        return Merge.model_validate_json(body)
    except ValidationError as error:
        raise invalid(error, "", path_begins=0) from None


def read_change(body: bytes) -> Wanted:
    """As `read`, for what is to be recorded of a customer."""
    try:
        return _CHANGES.validate_json(body).wanted()
    except ValidationError as error:
        raise invalid(error, f"change must be one of {', '.join(ChangeKind)}.") from None


def invalid(error: ValidationError, choices: str, path_begins: int = 1) -> BodyInvalid:
    """The first thing that is wrong, without a word of what was sent. A path begins with the name of the choice."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    match first["type"]:
        case "json_invalid":
            return BodyInvalid(400, "json", "The body is not valid JSON.")
        case "union_tag_not_found" | "union_tag_invalid":
            return BodyInvalid(422, "invalid", choices)
        case "extra_forbidden":
            return BodyInvalid(422, "invalid", "The body has a field that this does not take. See docs/api.md.")
    field = ".".join(str(part) for part in first["loc"][path_begins:]) or "The body"
    return BodyInvalid(422, "invalid", f"{field}: {first['msg']}.")
