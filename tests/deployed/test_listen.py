"""The function that asks platforms as it is deployed: where there is none to ask it looks and ends."""

import json

from chalicelib.config import APP
from infra.deploy.target import Target
from tests.usecases.sweeps import EVENT


def test_the_deployed_function_runs_and_says_nothing_where_nothing_is_polled(stack: Target) -> None:
    answer = stack.client("lambda").invoke(
        FunctionName=f"{APP}-{stack.stage}-listen", Payload=json.dumps(EVENT).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert json.loads(answer["Payload"].read()) is None
