"""
Start MiniStack with the two API Gateway calls that Chalice's deployer needs, and state that is saved as one.

MiniStack writes objects of S3 at once and everything else on a clean stop, so
that after a crash the next start would find a bucket that its stack has never
heard of. Here both are of the last clean stop, or of the one before it: all
work is on a copy, and what is kept is made whole before it takes its place.

Runs inside `.emulator`, so it imports nothing of ours. MiniStack 1.5.33 can
import an OpenAPI document (its CloudFormation does) but offers neither
ImportRestApi nor PutRestApi, and its importer drops what CORS preflight and
binary bodies need. The names below are private to that version: it is pinned,
and `tests/deployed/test_chalice_deploy.py` fails when they move.
"""

import fcntl
import json
import logging
import os
import re
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import IO, Any

from ministack import app
from ministack.core import iam_actions, persistence
from ministack.services import apigateway_v1 as gateway
from ministack.services import lambda_svc, sns

Json = dict[str, Any]
Send = Callable[[Json], Awaitable[None]]
Receive = Callable[[], Awaitable[Json]]
Application = Callable[[Json, Receive, Send], Awaitable[None]]
IDENTITY = "/_earshot/identity"
API = "/_aws/execute-api/"  # our own pages: a link to them may stand in a mail or on any page
INTEGRATION = "x-amazon-apigateway-integration"
BINARY_TYPES = "x-amazon-apigateway-binary-media-types"
MOST_ANSWER_BYTES = 6_291_556  # of a function, as on AWS
PEOPLE = ("sms", "email")  # what they got: GET /_ministack/sns/sms-messages

import_rest_api = gateway._import_rest_api
handle_request = gateway.handle_request
fan_out = sns._fanout
run_function = lambda_svc._execute_function
dynamodb_context = iam_actions.dynamodb_service_context


def complete_import(spec: Json, base_data: Json | None = None) -> str:
    """Import a document and keep the parts that MiniStack's own importer drops."""
    api_id = str(import_rest_api(spec, base_data))
    restore_dropped_parts(api_id, spec)
    return api_id


def restore_dropped_parts(api_id: str, spec: Json) -> None:
    api = gateway._rest_apis[api_id]
    api["binaryMediaTypes"] = list(spec.get(BINARY_TYPES, api.get("binaryMediaTypes") or []))
    for resource_id, verb, stored, wanted in integrations(api_id, spec):
        stored["requestTemplates"] = wanted.get("requestTemplates", {})
        stored["contentHandling"] = wanted.get("contentHandling")
        for pattern, response in (wanted.get("responses") or {}).items():
            put_integration_response(api_id, resource_id, verb, pattern, response)


def integrations(api_id: str, spec: Json) -> Iterator[tuple[str, str, Json, Json]]:
    """Resource id, verb, the integration as stored, the integration as documented."""
    resources = {resource["path"]: (rid, resource) for rid, resource in gateway._resources[api_id].items()}
    for path, item in (spec.get("paths") or {}).items():
        resource_id, resource = resources[path.rstrip("/") or "/"]
        for verb, operation in item.items():
            wanted = operation.get(INTEGRATION) if isinstance(operation, dict) else None
            stored = (resource["resourceMethods"].get(verb.upper()) or {}).get("methodIntegration")
            if wanted and stored:
                yield resource_id, verb.upper(), stored, wanted


def put_integration_response(api_id: str, resource_id: str, verb: str, pattern: str, response: Json) -> None:
    gateway._put_integration_response(
        api_id,
        resource_id,
        verb,
        str(response.get("statusCode", "200")),
        {
            "selectionPattern": "" if pattern == "default" else pattern,
            "responseParameters": response.get("responseParameters", {}),
            "responseTemplates": response.get("responseTemplates", {}),
        },
    )


def overwrite(api_id: str, spec: Json) -> None:
    """PutRestApi with mode=overwrite: the API keeps its id and root, everything else is replaced."""
    root_id, root = next((rid, r) for rid, r in gateway._resources[api_id].items() if r["path"] == "/")
    gateway._resources[api_id] = {root_id: {**root, "resourceMethods": {}}}
    gateway._authorizers_v1[api_id] = {}
    schemes = gateway._import_security_schemes(api_id, spec)
    for path, item in (spec.get("paths") or {}).items():
        gateway._import_path_item(api_id, path, item, schemes, spec.get("security"))
    restore_dropped_parts(api_id, spec)


def first(params: Json, name: str) -> str | None:
    value = params.get(name)
    return value[0] if isinstance(value, list) else value


def view(api_id: str, status: int = 200) -> Any:
    return gateway._v1_response(gateway._rest_api_view(gateway._rest_apis[api_id]), status)


def import_call(body: bytes, params: Json) -> Any:
    kind = first(params, "endpointConfigurationTypes") or "EDGE"
    return view(complete_import(json.loads(body), {"endpointConfiguration": {"types": [kind]}}), 201)


def put_call(api_id: str, body: bytes) -> Any:
    if api_id not in gateway._rest_apis:
        return gateway._v1_error("NotFoundException", "Invalid API identifier specified", 404)
    overwrite(api_id, json.loads(body))
    return view(api_id)


def repair_compression(api_id: str, result: Any) -> Any:
    # Chalice switches compression off with "", which MiniStack stores and its own view cannot read back as a number.
    api = gateway._rest_apis.get(api_id)
    if api is None or api.get("minimumCompressionSize") not in ("", "null"):
        return result
    api["minimumCompressionSize"] = None
    return view(api_id)


async def handle(method: str, path: str, headers: Json, body: bytes, query_params: Json) -> Any:
    parts = [part for part in path.split("/") if part]
    if parts == ["restapis"] and method == "POST" and first(query_params, "mode") == "import":
        return import_call(body, query_params)
    one_api = len(parts) == 2 and parts[0] == "restapis"
    if one_api and method == "PUT":
        return put_call(parts[1], body)
    result = await handle_request(method, path, headers, body, query_params)
    return repair_compression(parts[1], result) if one_api and method == "PATCH" else result


def reach_people(
    topic_arn: str,
    message_id: str,
    message: str,
    subject: str,
    structure: str = "",
    attributes: Json | None = None,
    **more: Any,
) -> None:
    """Fan out, and keep what phones and mailboxes would get: MiniStack itself only says that it would send it."""
    fan_out(topic_arn, message_id, message, subject, structure, attributes, **more)
    for subscription in (sns._topic_by_arn_any_scope(topic_arn) or {"subscriptions": []})["subscriptions"]:
        protocol, endpoint = subscription["protocol"], subscription["endpoint"]
        said = sns._resolve_message_for_protocol(message, structure, protocol)
        if protocol in PEOPLE and sns._matches_filter_policy(subscription, attributes or {}, said):
            sent = {"PhoneNumber": endpoint, "TopicArn": topic_arn, "MessageId": message_id}
            sns._sms_log_for(endpoint).append({**sent, "Subject": subject, "Message": said})


def within_six_megabytes(function: Json, event: Json) -> Json:
    """Run it, and fail as AWS does where the answer is too large: MiniStack passes on any."""
    result: Json = run_function(function, event)
    answer = result.get("body")
    text = answer if isinstance(answer, str | bytes) else json.dumps(answer, ensure_ascii=False)
    size = len(text if isinstance(text, bytes) else text.encode(errors="replace"))
    if size <= MOST_ANSWER_BYTES:
        return result
    message = f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({MOST_ANSWER_BYTES} bytes)."
    return {
        **result,
        "body": {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"},
        "error": True,
        "function_error": "Unhandled",
    }


def with_leading_keys(body: bytes) -> Json:
    """What policies may be about, and MiniStack does not tell them: the partition keys that a request names."""
    context: Json = dynamodb_context(body)
    request = json.loads(body or b"{}")
    keys = [*partition_keys(request)]
    if compared := re.search(r"= *(:[a-z_]+)", request.get("KeyConditionExpression", "")):
        keys.append(request["ExpressionAttributeValues"][compared[1]]["S"])
    return {**context, "dynamodb:LeadingKeys": keys} if keys else context


def partition_keys(value: Any) -> Iterator[str]:
    for name, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        if name == "pk" and isinstance(inner, dict) and "S" in inner:
            yield inner["S"]
        else:
            yield from partition_keys(inner)


# --- one for each home, known by its nonce ---------------------------------------------------------------------------


def write_down(home: Path, nonce: str) -> IO[str]:
    """
    Say who runs here, and hold the lock that proves it for as long as this process lives.

    Raises BlockingIOError when another one runs for this home.
    """
    running = (home / "running").open("a")
    lock(running)
    record = {"pid": os.getpid(), "port": int(os.environ["GATEWAY_PORT"]), "nonce": nonce}
    record |= {"auth": os.environ["AUTH"] == "true", "persist": os.environ["PERSIST_STATE"] == "1"}
    draft = home / "aws.json.new"
    draft.write_text(json.dumps(record))
    draft.rename(home / "aws.json")
    return running


def lock(file: IO[str], tries: int = 20) -> None:
    """Whoever asks whether somebody runs holds it for a moment."""
    for left in reversed(range(tries)):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not left:
                raise
            time.sleep(0.05)


def save_as_one(states: Json, home: Path, nonce: str) -> None:
    """
    Keep the state of every service and all objects, or leave what was kept before as it is.

    MiniStack saves service by service and goes on when one fails: a full disk
    would leave half a state, which no later start could use.
    """
    fresh = home / f"kept-{nonce}"
    try:
        write_state(states, fresh)
        link = home / f"kept-{nonce}.link"
        link.symlink_to(fresh.name)
        link.replace(home / "kept")
    except Exception:
        logging.getLogger("earshot").exception("The state could not be kept: that of the last clean stop stays.")
        shutil.rmtree(fresh, ignore_errors=True)


def write_state(states: Json, fresh: Path) -> None:
    """Raises whatever went wrong."""
    work = Path(persistence.STATE_DIR)  # holds more than the services' files: the code of functions, keys
    for name, get_state in states.items():
        state = get_state()
        if state is None:  # of a service that nobody has called since the start: what was loaded stays
            continue
        file = work / f"{name}.json"
        file.unlink(missing_ok=True)
        persistence.save_state(name, state)  # says nothing of a failure
        if not file.is_file():
            raise OSError(f"the state of {name} was not written")
    shutil.copytree(work, fresh / "aws")
    shutil.copytree(os.environ["S3_DATA_DIR"], fresh / "s3")
    (fresh / "port").write_text(os.environ["GATEWAY_PORT"])


# --- who may call ----------------------------------------------------------------------------------------------------


def guarded(inner: Application, nonce: str, port: str) -> Application:
    """
    MiniStack for programs and pages of this machine only.

    It answers whatever Host it is called by, to every Origin: any web page that
    somebody here looks at could read secrets, by its own script or by a name
    that it lets point to loopback.
    """
    hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}

    async def app(scope: Json, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await inner(scope, receive, send)
        elif is_foreign(scope, hosts):
            await refuse(scope["type"], send)
        elif scope["path"] == IDENTITY:
            await answer(send, 200, nonce)
        else:
            await inner(scope, receive, without_cors(send))

    return app


def is_foreign(scope: Json, hosts: set[str]) -> bool:
    """Whether a page of another site makes this call, or it comes by a name that is not this machine's."""
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    if len(headers.get("host", [])) != 1 or headers["host"][0].lower() not in hosts:
        return True
    site = headers.get("sec-fetch-site", ["none"])
    follows_link = scope.get("method") == "GET" and headers.get("sec-fetch-mode") == ["navigate"]
    if site not in (["none"], ["same-origin"]) and not (follows_link and scope["path"].startswith(API)):
        return True
    own = {f"http://{headers['host'][0].lower()}"} | ({"null"} if site == ["same-origin"] else set())
    return any(origin.lower() not in own for origin in headers.get("origin", []))


def without_cors(send: Send) -> Send:
    """MiniStack invites every page of every site to read its answers."""

    async def quiet(message: Json) -> None:
        if message["type"] == "http.response.start":
            kept = [one for one in message.get("headers", ()) if not one[0].lower().startswith(b"access-control-")]
            message = {**message, "headers": kept}
        await send(message)

    return quiet


async def refuse(kind: str, send: Send) -> None:
    if kind == "websocket":
        await send({"type": "websocket.close", "code": 1008})
    else:
        await answer(send, 403, "The local AWS answers programs and pages of this machine only.\n")


async def answer(send: Send, status: int, text: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": text.encode()})


def main() -> None:
    home, nonce, port = Path(os.environ["EARSHOT_HOME"]), os.environ["EARSHOT_NONCE"], os.environ["GATEWAY_PORT"]
    held = write_down(home, nonce)
    gateway._import_rest_api = complete_import
    gateway.handle_request = handle
    sns._fanout = reach_people
    app.save_all = lambda states: save_as_one(states, home, nonce)
    app.app = guarded(app.app, nonce, port)
    iam_actions.dynamodb_service_context = with_leading_keys
    lambda_svc._execute_function = within_six_megabytes
    app.main()
    held.close()


if __name__ == "__main__":
    main()
