"""What an action's body may hold. Loaded by the one route that needs it: pydantic costs a cold start."""

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

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


_Action = Annotated[_Reply | _Note | _Assign | _Priority | _Move, Field(discriminator="action")]
_ADAPTER: TypeAdapter[_Action] = TypeAdapter(_Action)
BODIES: tuple[type[_Body], ...] = (_Reply, _Note, _Assign, _Priority, _Move)
ACTIONS = tuple(name for body in BODIES for name in get_args(body.model_fields["action"].annotation))


def read(body: bytes) -> act.Intent:
    """What the body asks for. Raises BodyInvalid."""
    try:
        return _ADAPTER.validate_json(body).intent()
    except ValidationError as error:
        raise invalid(error, ACTIONS) from None


def invalid(error: ValidationError, actions: tuple[str, ...]) -> BodyInvalid:
    """The first thing that is wrong, without a word of what was sent."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    match first["type"]:
        case "json_invalid":
            return BodyInvalid(400, "json", "The body is not valid JSON.")
        case "union_tag_not_found" | "union_tag_invalid":
            return BodyInvalid(422, "invalid", f"action must be one of {', '.join(actions)}.")
        case "extra_forbidden":
            return BodyInvalid(422, "invalid", "The body has a field that this action does not take. See docs/api.md.")
    # The first part of the path is the action's name.
    field = ".".join(str(part) for part in first["loc"][1:]) or "The body"
    return BodyInvalid(422, "invalid", f"{field}: {first['msg']}.")
