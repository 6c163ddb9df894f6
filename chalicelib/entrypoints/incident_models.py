"""What bodies about incidents may hold. Loaded by the routes that need it: pydantic costs a cold start."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from chalicelib.domain.events import EventKind
from chalicelib.domain.incidents.incident import MOST_TITLE_CHARS, Act
from chalicelib.domain.labels import AspectName, TopicKind
from chalicelib.entrypoints import edge
from chalicelib.entrypoints.api_models import Body, Choice, Flag, Text, Then, validated


class _Plain(Body):
    action: Literal["acknowledge", "close"]

    @property
    def act(self) -> Act:
        return {"acknowledge": Act.ACKNOWLEDGED, "close": Act.CLOSED}[self.action]

    @property
    def value(self) -> str:
        return ""


class _Rename(Body):
    action: Literal["rename"]
    title: Annotated[str, Field(description=f"a text of 1 to {MOST_TITLE_CHARS} characters")]

    @property
    def act(self) -> Act:
        return Act.RENAMED

    @property
    def value(self) -> str:
        return self.title


class _Membership(Body):
    action: Literal["take_out", "put_in"]
    case_id: Annotated[str, Field(pattern=f"^{edge.CASE_ID.pattern}$", description="the id of a case")]

    @property
    def act(self) -> Act:
        return Act.TAKEN_OUT if self.action == "take_out" else Act.PUT_IN

    @property
    def value(self) -> str:
        return self.case_id


class AnswerAll(Body):
    """One text to all cases of an incident."""

    text: Text
    preview: Flag = False
    private: Choice = None
    then: Then = None
    include_late: Flag = False

    @property
    def after(self) -> EventKind | None:
        return EventKind(self.then) if self.then else None


_Name = Annotated[
    Annotated[str, Field(min_length=1, max_length=60)] | None,
    Field(description="a name of 1 to 60 characters, or null"),
]


class Fixed(Body):
    """A cause that is called fixed."""

    note: Annotated[str, Field(description="a text: what was done")]
    aspect: Annotated[AspectName | None, Field(description=f"{', '.join(AspectName)} or null")] = None
    place: _Name = None
    product: _Name = None
    terms: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=24)], ...],
        Field(max_length=5, description="a list of at most five words of at most 24 characters"),
    ] = ()

    @property
    def topic(self) -> str | None:
        if self.place:
            return f"{TopicKind.PLACE}:{self.place}"
        return f"{TopicKind.PRODUCT}:{self.product}" if self.product else None


Action = Annotated[_Plain | _Rename | _Membership, Field(discriminator="action")]
_ACTIONS: TypeAdapter[Action] = TypeAdapter(Action)
ACTION_BODIES = (_Plain, _Rename, _Membership)


def read_action(body: bytes) -> Action:
    """Raises BodyInvalid."""
    return validated(_ACTIONS, body, ACTION_BODIES, choice="action")


def read_answer(body: bytes) -> AnswerAll:
    """Raises BodyInvalid."""
    return validated(TypeAdapter(AnswerAll), body, (AnswerAll,))


def read_fixed(body: bytes) -> Fixed:
    """Raises BodyInvalid."""
    return validated(TypeAdapter(Fixed), body, (Fixed,))
