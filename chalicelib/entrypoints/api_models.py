"""What the bodies of requests may hold. Loaded by the one route that needs it: pydantic costs a cold start."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chalicelib.adapters.keys import MOST_ID_BYTES
from chalicelib.domain.customer import ChangeKind
from chalicelib.domain.events import EventKind
from chalicelib.domain.labels import Urgency
from chalicelib.entrypoints import edge
from chalicelib.ports.access import NAME_PATTERN
from chalicelib.usecases import act

T = TypeVar("T")


class BodyInvalid(ValueError):
    """The body is not what was asked for; the message says where. `status` is the HTTP answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Body(BaseModel):
    """A field's description says what it takes: `invalid` tells whoever sends something else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def accepted(value: T | None) -> T:
    """What a reader of `edge` made of a text. Raises ValueError where it made nothing of it."""
    if value is None:
        raise ValueError
    return value


Text = Annotated[str, Field(description="a text of 1 to 10,000 characters")]
Flag = Annotated[bool, Field(description="true or false")]
Choice = Annotated[bool | None, Field(description="true, false or null")]
Then = Annotated[Literal["wait", "resolve"] | None, Field(description="wait, resolve or null")]


class _Reply(Body):
    action: Literal["reply"]
    text: Text
    private: Choice = None
    then: Then = None
    to_message_id: Annotated[
        Annotated[str, AfterValidator(lambda text: accepted(edge.message_id(text, MOST_ID_BYTES)))] | None,
        Field(description="the id of a message that the customer wrote in this case, or null for the latest"),
    ] = None

    def intent(self) -> act.Intent:
        then = EventKind(self.then) if self.then else None
        return act.AnswerCustomer(text=self.text, private=self.private, then=then, to_message_id=self.to_message_id)


class _Note(Body):
    action: Literal["note"]
    text: Text

    def intent(self) -> act.Intent:
        return act.Note(text=self.text)


class _Assign(Body):
    action: Literal["assign"]
    to: Annotated[
        Annotated[str, Field(pattern=f"^{NAME_PATTERN}$")] | None,
        Field(description="the name of a user, or null for nobody"),
    ]

    def intent(self) -> act.Intent:
        return act.Assign(to=self.to)


class _Priority(Body):
    action: Literal["priority"]
    to: Annotated[Literal["low", "normal", "high", "critical"], Field(description="low, normal, high or critical")]

    def intent(self) -> act.Intent:
        return act.Prioritise(to=Urgency(self.to))


class _Move(Body):
    action: Literal["wait", "hold", "open", "resolve", "reopen", "spam", "restore"]

    def intent(self) -> act.Intent:
        return act.MoveCase(kind=EventKind(self.action))


class _TakeBack(Body):
    action: Literal["take_back"]
    reply_id: Annotated[
        str, Field(min_length=1, max_length=100, description="the id of an answer in the outbox of this case")
    ]

    def intent(self) -> act.Intent:
        return act.TakeBack(reply_id=self.reply_id)


class Merge(Body):
    """Which case joins the one in the path. `preview` asks only what that would do."""

    from_id: Annotated[
        str, Field(alias="from", min_length=1, max_length=100, description="the id of the case that goes")
    ]
    other_customer: Flag = False
    preview: Flag = False


_Action = Annotated[_Reply | _Note | _Assign | _Priority | _Move | _TakeBack, Field(discriminator="action")]
_ADAPTER: TypeAdapter[_Action] = TypeAdapter(_Action)
BODIES: tuple[type[Body], ...] = (_Reply, _Note, _Assign, _Priority, _Move, _TakeBack)
ACTIONS = tuple(name for body in BODIES for name in get_args(body.model_fields["action"].annotation))


class _Tier(Body):
    change: Literal["tier"]
    to: Annotated[
        Annotated[str, Field(min_length=1, max_length=64)] | None,
        Field(description="a tier that the policies or the settings of the priority name, or null for none"),
    ]

    def wanted(self) -> "WantedChange":
        return WantedChange(ChangeKind.TIER, self.to)


class _Tag(Body):
    change: Literal["tag", "untag"]
    tag: Annotated[str, Field(description="1 to 40 lower-case letters, digits and hyphens")]

    def wanted(self) -> "WantedChange":
        return WantedChange(ChangeKind(self.change), self.tag)


class _Consent(Body):
    change: Literal["consent", "consent_withdrawn"]
    how: Annotated[str, Field(description="a text of 1 to 500 characters: their words, or where they said so")]

    def wanted(self) -> "WantedChange":
        return WantedChange(ChangeKind(self.change), self.how)


class _Promise(Body):
    change: Literal["promise"]
    text: Annotated[str, Field(description="a text of 1 to 500 characters")]
    due_on: Annotated[
        str, AfterValidator(lambda text: accepted(edge.day(text)).isoformat()), Field(description="a day: 2026-12-24")
    ]

    def wanted(self) -> "WantedChange":
        return WantedChange(ChangeKind.PROMISE, self.text, self.due_on)


class _Settled(Body):
    change: Literal["kept", "broken"]
    promise_id: Annotated[str, Field(description="the `id` of the answer that recorded the promise")]

    def wanted(self) -> "WantedChange":
        return WantedChange(ChangeKind(self.change), self.promise_id)


class WantedChange(NamedTuple):
    """What is to be recorded of a customer, as `remember.Request` has it."""

    kind: ChangeKind
    value: str | None
    due_on: str | None = None


CHANGES: tuple[type[Body], ...] = (_Tier, _Tag, _Consent, _Promise, _Settled)
_Change = Annotated[_Tier | _Tag | _Consent | _Promise | _Settled, Field(discriminator="change")]
_CHANGES: TypeAdapter[_Change] = TypeAdapter(_Change)


def read(body: bytes) -> act.Intent:
    """What the body asks for. Raises BodyInvalid."""
    return validated(_ADAPTER, body, BODIES, choice="action").intent()


def read_merge(body: bytes) -> Merge:
    """Raises BodyInvalid."""
    return validated(TypeAdapter(Merge), body, (Merge,))


def read_change(body: bytes) -> WantedChange:
    """As `read`, for what is to be recorded of a customer."""
    return validated(_CHANGES, body, CHANGES, choice="change").wanted()


def validated(adapter: TypeAdapter[T], body: bytes, models: Iterable[type[Body]], *, choice: str | None = None) -> T:
    """
    The body as one of the models; `choice` is the field that says which, where there is more than one.

    Raises BodyInvalid, which names the first field that is wrong and what it takes.
    """
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise _invalid(error, _by_choice(models, choice) if choice else {"": next(iter(models))}, choice) from None


def _by_choice(models: Iterable[type[Body]], choice: str) -> Mapping[str, type[Body]]:
    return {name: model for model in models for name in get_args(model.model_fields[choice].annotation)}


def _invalid(error: ValidationError, models: Mapping[str, type[Body]], choice: str | None) -> BodyInvalid:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = [str(part) for part in first["loc"]]
    if first["type"] == "json_invalid":
        return BodyInvalid(400, "json", "The body is not valid JSON.")
    if first["type"] in ("union_tag_not_found", "union_tag_invalid"):
        return BodyInvalid(422, "invalid", f"{choice} takes one of {', '.join(models)}.")
    model = models[place.pop(0) if choice and place else next(iter(models))]
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    if not place or place[0] not in fields:
        return BodyInvalid(
            422, "invalid", f"The body is a JSON object. Its fields here: {', '.join(fields)}; no other."
        )
    lacks = "is missing; it takes" if first["type"] == "missing" else "takes"
    return BodyInvalid(422, "invalid", f"{place[0]} {lacks} {_taken(fields[place[0]])}.")


def _taken(field: Any) -> str:
    return field.description or f"one of {', '.join(get_args(field.annotation))}"
