"""
What the API and the sweeps are told that Chalice cannot say: a limit, a log, errors in our own form, room to run.

`earshot deploy` says all of it after each deployment, since a deployment by
Chalice forgets some of it; `earshot doctor` compares.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from chalicelib.config import APP
from infra.deploy.target import Target

Say = Callable[[str], None]

# Requests a second that the API takes, and how many at once: ten times a day in which a whole country is angry.
RATE: Final = 500
BURST: Final = 1_000
SWEEPS: Final = ("sla_watch", "incident_watch")  # what must run in a flood, too: nobody else pages people
RESERVED: Final = 2  # one that runs, and one that somebody starts by hand

# No address, no user agent, and the route instead of the path, which may hold the code of a link or the id of a case.
_LOGGED: Final = {
    "at": "$context.requestTimeEpoch",
    "request_id": "$context.requestId",
    "method": "$context.httpMethod",
    "route": "$context.resourcePath",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "ms": "$context.responseLatency",
    "function_ms": "$context.integrationLatency",
    "refused": "$context.error.responseType",
}
LOG_FORMAT: Final = json.dumps(_LOGGED)
LOGS_ROLE: Final = f"{APP}-api-gateway-logs"
_LOGS_POLICY: Final = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"


def _error(code: str, message: str) -> Mapping[str, str]:
    return {"application/json": json.dumps({"error": code, "message": message})}


# What API Gateway answers without asking the function, as the function would: status and body.
RESPONSES: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "MISSING_AUTHENTICATION_TOKEN": (
        "404",
        _error("not_found", "There is nothing at this address, or not to be asked like this."),
    ),
    "THROTTLED": ("429", _error("busy", "Too many requests at once. Send it again in a moment.")),
    "REQUEST_TOO_LARGE": ("413", _error("too_large", "The body is larger than anything that is taken here.")),
    "INTEGRATION_TIMEOUT": ("504", _error("timeout", "This took too long. It may have been done all the same.")),
    "DEFAULT_5XX": ("500", _error("internal", "Something broke on our side. Send it again in a moment.")),
}


def apply(target: Target, *, say: Say = print) -> None:
    """Tell the deployed API and functions everything. Safe to repeat. Raises ClientError."""
    _answer_in_our_form(target)
    operations = _throttle()
    if target.endpoint:
        say("Edge: throttle and errors are set; the local AWS writes no access log and no traces, and keeps no budget")
    else:
        _let_gateway_write_logs(target)
        operations += _access_log(target)
    target.client("apigateway").update_stage(
        restApiId=target.api_id(), stageName=target.stage, patchOperations=operations
    )
    _reserve(target, say)
    if not target.endpoint:
        say(f"Edge: {RATE} requests a second, access log in {access_log_group(target.stage)}")


# --- the API ---------------------------------------------------------------------------------------------------------


def _answer_in_our_form(target: Target) -> None:
    """What is not in the stage's deployment is not answered, so the first time makes one more."""
    gateway, api = target.client("apigateway"), target.api_id()
    changed = [kind for kind in RESPONSES if not is_answered(gateway, api, kind)]
    for kind in changed:
        status, templates = RESPONSES[kind]
        gateway.put_gateway_response(
            restApiId=api, responseType=kind, statusCode=status, responseTemplates=dict(templates)
        )
    if changed:
        gateway.create_deployment(restApiId=api, stageName=target.stage, tracingEnabled=is_traced(target))


def is_answered(gateway: Any, api: str, kind: str) -> bool:
    """Whether the API answers an error of its own as it should."""
    status, templates = RESPONSES[kind]
    found = gateway.get_gateway_response(restApiId=api, responseType=kind)
    return (found.get("statusCode"), found.get("responseTemplates")) == (status, templates)


def _throttle() -> list[dict[str, str]]:
    limits = {"rateLimit": RATE, "burstLimit": BURST}
    return [{"op": "replace", "path": f"/*/*/throttling/{name}", "value": str(limit)} for name, limit in limits.items()]


def access_log_group(stage: str) -> str:
    """As infra/resources.yaml names it."""
    return f"/{APP}/{stage}/access"


def _access_log(target: Target) -> list[dict[str, str]]:
    account = target.client("sts").get_caller_identity()["Account"]
    arn = f"arn:aws:logs:{target.region}:{account}:log-group:{access_log_group(target.stage)}"
    settings = {"destinationArn": arn, "format": LOG_FORMAT}
    return [{"op": "replace", "path": f"/accessLogSettings/{name}", "value": value} for name, value in settings.items()]


def _let_gateway_write_logs(target: Target) -> None:
    """An account and region have one role for this; one that is there already is somebody's, and will do."""
    gateway = target.client("apigateway")
    if gateway.get_account().get("cloudwatchRoleArn"):
        return
    operation = {"op": "replace", "path": "/cloudwatchRoleArn", "value": _logs_role(target.client("iam"))}
    gateway.update_account(patchOperations=[operation])


def _logs_role(iam: Any) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    try:
        role = iam.create_role(RoleName=LOGS_ROLE, AssumeRolePolicyDocument=document)["Role"]
    except iam.exceptions.EntityAlreadyExistsException:
        role = iam.get_role(RoleName=LOGS_ROLE)["Role"]
    iam.attach_role_policy(RoleName=LOGS_ROLE, PolicyArn=_LOGS_POLICY)
    return str(role["Arn"])


def faults(target: Target) -> Iterator[str]:
    """What is not as `apply` leaves it, in words."""
    gateway, api = target.client("apigateway"), target.api_id()
    stage = gateway.get_stage(restApiId=api, stageName=target.stage)
    limits = stage.get("methodSettings", {}).get("*/*", {})
    if (limits.get("throttlingRateLimit"), limits.get("throttlingBurstLimit")) != (RATE, BURST):
        yield f"the API takes more than {RATE} requests a second: a flood costs without end"
    if not target.endpoint and stage.get("accessLogSettings", {}).get("format") != LOG_FORMAT:
        yield "nothing says who asked the API for what: it writes no access log"
    if bool(stage.get("tracingEnabled")) != is_traced(target) and not target.endpoint:
        yield "traces of the API are not as .chalice/config.json wants them"
    if unanswered := [kind for kind in RESPONSES if not is_answered(gateway, api, kind)]:
        yield f"the API answers errors of its own in a form that is not ours: {', '.join(unanswered)}"
    if unreserved := [name for name, number in reserved(target).items() if number != RESERVED]:
        yield f"nothing is reserved for {', '.join(unreserved)}: in a flood nobody may be paged"


def is_traced(target: Target) -> bool:
    """Whether `.chalice/config.json` wants traces of the stage."""
    config = json.loads((target.chalice / "config.json").read_text())
    return bool(config.get("stages", {}).get(target.stage, {}).get("xray", config.get("xray", False)))


# --- the sweeps ------------------------------------------------------------------------------------------------------


def _reserve(target: Target, say: Say) -> None:
    """A new account has too little to reserve any of it: then the stage runs without, and `doctor` says so."""
    functions = target.client("lambda")
    try:
        for name in SWEEPS:
            functions.put_function_concurrency(
                FunctionName=f"{APP}-{target.stage}-{name}", ReservedConcurrentExecutions=RESERVED
            )
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidParameterValueException":
            raise
        say("Edge: nothing is reserved for the sweeps, the account's concurrency is too small: ask AWS for more")


def reserved(target: Target) -> dict[str, int | None]:
    """What is kept for each sweep; None for nothing."""
    functions = target.client("lambda")
    return {
        name: functions.get_function_concurrency(FunctionName=f"{APP}-{target.stage}-{name}").get(
            "ReservedConcurrentExecutions"
        )
        for name in SWEEPS
    }
