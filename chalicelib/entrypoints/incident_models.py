"""What bodies about incidents may hold. Loaded by the routes that need it: pydantic costs a cold start."""

from typing import Annotated, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chalicelib.domain.events import EventKind
from chalicelib.domain.incidents.incident import Act
from chalicelib.domain.labels import AspectName, TopicKind
from chalicelib.entrypoints.api_models import invalid

_CASE_ID = r"^c[0-9a-f]{15}$"
T = TypeVar("T")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Plain(_Body):
    action: Literal["acknowledge", "close"]

    @property
    def act(self) -> Act:
        return {"acknowledge": Act.ACKNOWLEDGED, "close": Act.CLOSED}[self.action]

    @property
    def value(self) -> str:
        return ""


class _Rename(_Body):
    action: Literal["rename"]
    title: str

    @property
    def act(self) -> Act:
        return Act.RENAMED

    @property
    def value(self) -> str:
        return self.title


class _Membership(_Body):
    action: Literal["take_out", "put_in"]
    case_id: Annotated[str, Field(pattern=_CASE_ID)]

    @property
    def act(self) -> Act:
        return Act.TAKEN_OUT if self.action == "take_out" else Act.PUT_IN

    @property
    def value(self) -> str:
        return self.case_id


class Answer(_Body):
    """One text to all cases of an incident."""

    text: str
    preview: bool = False
    private: bool | None = None
    then: Literal["wait", "resolve"] | None = None
    include_late: bool = False

    @property
    def after(self) -> EventKind | None:
        return EventKind(self.then) if self.then else None


class Fixed(_Body):
    """A cause that is called fixed."""

    note: str
    aspect: AspectName | None = None
    place: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    product: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    terms: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=24)], ...], Field(max_length=5)] = ()

    @property
    def topic(self) -> str | None:
        if self.place:
            return f"{TopicKind.PLACE}:{self.place}"
        return f"{TopicKind.PRODUCT}:{self.product}" if self.product else None


Action = Annotated[_Plain | _Rename | _Membership, Field(discriminator="action")]
_ACTIONS: TypeAdapter[Action] = TypeAdapter(Action)
_ANSWERS: TypeAdapter[Answer] = TypeAdapter(Answer)
_FIXED: TypeAdapter[Fixed] = TypeAdapter(Fixed)
_NAMES = ("acknowledge", "close", "rename", "take_out", "put_in")


def read_action(body: bytes) -> Action:
    """Raises BodyInvalid."""
    return _read(_ACTIONS, body)


def read_answer(body: bytes) -> Answer:
    """Raises BodyInvalid."""
    return _read(_ANSWERS, body)


def read_fixed(body: bytes) -> Fixed:
    """Raises BodyInvalid."""
    return _read(_FIXED, body)


def _read(adapter: TypeAdapter[T], body: bytes) -> T:
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        raise invalid(error, f"action must be one of {', '.join(_NAMES)}.") from None
