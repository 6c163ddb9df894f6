"""
Start MiniStack with the two API Gateway calls that Chalice's deployer needs, and state that is saved as one.

MiniStack writes objects of S3 at once and everything else on a clean stop, so
that after a crash the next start would find a bucket that its stack has never
heard of. Here both are of the last clean stop: S3 works on a copy.

Runs inside `.emulator`, so it imports nothing of ours. MiniStack 1.5.33 can
import an OpenAPI document (its CloudFormation does) but offers neither
ImportRestApi nor PutRestApi, and its importer drops what CORS preflight and
binary bodies need. The names below are private to that version: it is pinned,
and `tests/deployed/test_chalice_deploy.py` fails when they move.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import iam_actions
from ministack.services import apigateway_v1 as gateway
from ministack.services import sns

Json = dict[str, Any]
INTEGRATION = "x-amazon-apigateway-integration"
BINARY_TYPES = "x-amazon-apigateway-binary-media-types"
PEOPLE = ("sms", "email")  # what they got: GET /_ministack/sns/sms-messages

import_rest_api = gateway._import_rest_api
handle_request = gateway.handle_request
fan_out = sns._fanout
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


def save_as_one(kept: Path, working: Path) -> None:
    """Keep the objects whenever the rest is saved."""
    save_all = app.save_all

    def save(states: Any) -> None:
        save_all(states)
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(working, kept)

    app.save_all = save


if __name__ == "__main__":
    gateway._import_rest_api = complete_import
    gateway.handle_request = handle
    sns._fanout = reach_people
    iam_actions.dynamodb_service_context = with_leading_keys
    if objects := os.environ.get("KEPT_OBJECTS"):
        save_as_one(Path(objects), Path(os.environ["S3_DATA_DIR"]))
    app.main()
