"""Engines that refine labels: which one a stage has, what each says about a text, and whether it may be asked."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from botocore.config import Config

from chalicelib.adapters import keys
from chalicelib.adapters.engines import outside
from chalicelib.adapters.engines.guard import Guarded
from chalicelib.classify import classify, encoder
from chalicelib.domain.labels import Label, Labels
from chalicelib.domain.refinement import refined
from chalicelib.ports.engines import (
    PARAMETER,
    Choice,
    Engine,
    EngineError,
    EngineSettings,
    Passage,
    SettingsInvalid,
    read_settings,
)
from chalicelib.ports.json_codec import to_plain
from infra.deploy import encoder_layer
from infra.deploy.iam_policies import lambda_name
from infra.deploy.target import Target
from infra.operate import records
from infra.problem import Problem, next_command

TRY_LIMIT_S: Final = 15.0
ACTIONS: Final[Mapping[Choice, Sequence[str]]] = {
    Choice.COMPREHEND: ("comprehend:BatchDetectSentiment", "comprehend:BatchDetectDominantLanguage"),
    Choice.BEDROCK: ("bedrock:InvokeModel",),
}
_TEST: Final = Passage(text="My suitcase is lost and nobody answers.", labels=classify(None))


# --- what is set ------------------------------------------------------------------------------------------------


def parameter_name(target: Target) -> str:
    return f"{target.settings.parameters}/{PARAMETER}"


def read(target: Target) -> EngineSettings:
    """What is set, the default when nothing is. Raises Problem for what cannot be meant."""
    return _checked(_document(target), target)


def change(target: Target, changes: Mapping[str, Any]) -> EngineSettings:
    """
    Store what is named; the rest stays, unless it cannot be read.

    Raises Problem for what cannot be meant, and stores nothing then.
    """
    settings = _checked({**_kept(target), **changes}, target)
    target.client("ssm").put_parameter(
        Name=parameter_name(target), Value=json.dumps(to_plain(settings)), Type="String", Overwrite=True
    )
    return settings


def with_model(settings: EngineSettings, model: str) -> EngineSettings:
    """Raises Problem for a model that functions could not call."""
    try:
        return replace(settings, model=model)
    except SettingsInvalid as error:
        raise Problem(f"That model cannot be tried: {error}.") from error


def _document(target: Target) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(target.parameter(parameter_name(target)) or "{}")
    return document


def _kept(target: Target) -> dict[str, Any]:
    document = _document(target)
    try:
        read_settings(document)
    except SettingsInvalid:
        return {}
    return document


def _checked(plain: Mapping[str, Any], target: Target) -> EngineSettings:
    try:
        return read_settings(plain)
    except SettingsInvalid as error:
        raise Problem(
            f"Engine of stage {target.stage}: {error}.",
            f"see docs/engines.md; {next_command('engine set builtin', target.stage)} is always possible",
        ) from error


def sent_today(target: Target, settings: EngineSettings, today: date) -> int:
    """How many texts the functions have reserved to send to the engine that is set; `today` is the day in UTC."""
    key = keys.spent(settings.choice.value, today)
    item = records.table(target).get([key]).get(key)
    return int(item["day"]) if item else 0


# --- what they say ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one engine says, or why it says nothing."""

    name: str
    labels: Labels | None = None
    why_not: str = ""


def opinions(target: Target, settings: EngineSettings, passage: Passage) -> Iterator[Opinion]:
    """Every engine there is, triage's first; at the end what a case would get with the engine that is set."""
    first = replace(
        passage,
        labels=classify(passage.text, lang_hint=passage.lang_hint, private=passage.private, rating=passage.rating),
    )
    yield Opinion(name=first.labels.engine, labels=first.labels)
    own = encoder.load(encoder_layer.WEIGHTS)
    said = _asked(own, first) if own else Opinion(name="built-in", why_not="numpy is not here")
    yield said
    found = {Choice.BUILTIN: said}
    for choice in (Choice.COMPREHEND, Choice.BEDROCK):
        if choice is Choice.BEDROCK and settings.model is None:
            yield Opinion(name=choice.value, why_not="no model is set")
            continue
        found[choice] = _asked(_outside(target, replace(settings, choice=choice)), first)
        yield found[choice]
    yield Opinion(name="the case gets", labels=_together(first.labels, settings, found))


def _together(first: Labels, settings: EngineSettings, found: Mapping[Choice, Opinion]) -> Labels:
    used = [] if settings.choice is Choice.NONE else [Choice.BUILTIN, settings.choice]
    labels = first
    for choice in dict.fromkeys(used):
        said = found[choice].labels
        labels = refined(labels, said) if said else labels
    return labels


def _asked(engine: Engine, passage: Passage) -> Opinion:
    try:
        [labels] = Guarded(engine).judge([passage], limit_s=TRY_LIMIT_S)
    except EngineError as error:
        return Opinion(name=engine.name, why_not=f"{type(error).__name__}: {error}")
    return Opinion(name=engine.name, labels=labels, why_not="" if labels else "it knows nothing about this text")


def _outside(target: Target, settings: EngineSettings) -> Engine:
    def client(service: str) -> Any:
        config = Config(connect_timeout=3, read_timeout=TRY_LIMIT_S, retries={"total_max_attempts": 1})
        region = settings.region or target.region
        return target.session.client(service, region_name=region, endpoint_url=target.endpoint, config=config)

    return outside.make(settings, client)


def cells(labels: Labels) -> dict[str, str]:
    """By the name of a label: its value, how sure the engine is, and the words."""
    named = {
        "sentiment": labels.sentiment,
        "reason": labels.reason,
        "urgency": labels.urgency,
        "language": labels.language,
        "noise": labels.noise,
        "needs reply": labels.needs_reply,
        "complaint": labels.complaint,
    }
    shown = {name: _cell(label) for name, label in named.items()}
    aspects = (f"{one.name} {one.sentiment.value}" for one in labels.aspects)
    return {**shown, "aspects": ", ".join(aspects) or "-"}


def _cell(label: Label[Any]) -> str:
    if label.score <= 0:
        return "-"
    words = f" ({', '.join(label.words)})" if label.words else ""
    return f"{label.value} {label.score:.2f}{words}"


# --- whether it may be asked ------------------------------------------------------------------------------------


def reached(target: Target, settings: EngineSettings) -> EngineError | None:
    """Ask the engine outside about an invented text, with the operator's rights; what went wrong, or None."""
    try:
        Guarded(_outside(target, settings)).judge([_TEST], limit_s=TRY_LIMIT_S)
    except EngineError as error:
        return error
    return None


def missing_rights(target: Target, settings: EngineSettings) -> list[str]:
    """Functions whose role may not ask the engine that is set, each with what it lacks."""
    return [
        f"{function} lacks {action}"
        for function in ("casework", "casework_urgent")
        for action in _denied(target, lambda_name(target.stage, function), settings)
    ]


def _denied(target: Target, function: str, settings: EngineSettings) -> list[str]:
    role = target.client("lambda").get_function_configuration(FunctionName=function)["Role"]
    answer = target.client("iam").simulate_principal_policy(
        PolicySourceArn=role, ActionNames=list(ACTIONS[settings.choice]), ResourceArns=_resources(target, settings)
    )
    results = answer["EvaluationResults"]
    return sorted({one["EvalActionName"] for one in results if one["EvalDecision"] != "allowed"})


def _resources(target: Target, settings: EngineSettings) -> list[str]:
    if settings.choice is not Choice.BEDROCK or settings.model is None:
        return ["*"]
    region = settings.region or target.region
    prefix, _, model = settings.model.partition(".")
    if prefix in ("amazon", "anthropic"):
        return [f"arn:aws:bedrock:{region}::foundation-model/{settings.model}"]
    account = target.client("sts").get_caller_identity()["Account"]
    return [
        f"arn:aws:bedrock:{region}:{account}:inference-profile/{settings.model}",
        f"arn:aws:bedrock:{region}::foundation-model/{model}",
    ]
