"""
A language model on Amazon Bedrock, by the Converse API (bedrock-runtime, API version 2023-09-30).

One request for each text: a text that talks a model into something can do so
for itself only. What is said and believed stands in `prompt`.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Final

from chalicelib.adapters.engines import prompt
from chalicelib.adapters.engines.calls import errors
from chalicelib.domain.labels import Labels
from chalicelib.ports.engines import EngineError, EngineTooSlow, Passage, Unusable

AT_ONCE: Final = 10  # requests; as many as a worker gets messages


class Bedrock:
    """`client` is a botocore client that tries once; `new_code` gives what nobody can guess."""

    def __init__(self, client: Any, model: str, *, new_code: Callable[[], str], at_once: int = AT_ONCE) -> None:
        self._client = client
        self._model = model
        self._new_code = new_code
        self._at_once = at_once
        self.name = f"bedrock/{model}"

    def judge(self, passages: Sequence[Passage], *, limit_s: float) -> Sequence[Labels | None]:
        """Those that are not answered in time get nothing and take nothing from the others."""
        pool = ThreadPoolExecutor(max_workers=self._at_once)
        try:
            asked = [pool.submit(self._one, passage) for passage in passages]
            wait(asked, timeout=limit_s)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        outcomes = [_outcome(one) for one in asked]
        found = [outcome if isinstance(outcome, Labels) else None for outcome in outcomes]
        failures = [outcome for outcome in outcomes if isinstance(outcome, EngineError)]
        if failures and not any(found):
            raise failures[0]
        return found

    def _one(self, passage: Passage) -> Labels:
        with errors():
            answer = self._client.converse(**self.request(passage))
            said = _tool_input(answer)
        return prompt.labels(said, passage.text, self.name)

    def request(self, passage: Passage) -> dict[str, Any]:
        """Everything that is sent."""
        boundary = f"mention-{self._new_code()}"
        return {
            "modelId": self._model,
            "system": [{"text": prompt.system(boundary)}],
            "messages": [{"role": "user", "content": [{"text": prompt.fenced(passage, boundary)}]}],
            "inferenceConfig": {"maxTokens": prompt.MOST_TOKENS, "temperature": 0.0},
            "toolConfig": {"tools": [prompt.tool()], "toolChoice": {"tool": {"name": prompt.TOOL}}},
        }


def _outcome(one: "Future[Labels]") -> Labels | EngineError:
    if not one.done() or one.cancelled():
        return EngineTooSlow("no answer in time")
    error = one.exception()
    if error is None:
        return one.result()
    return error if isinstance(error, EngineError) else Unusable(type(error).__name__)


def _tool_input(answer: Mapping[str, Any]) -> object:
    """What the one tool was called with. Raises Unusable for a text, another tool, two calls, or half an answer."""
    if answer["stopReason"] != "tool_use":
        raise Unusable("no call of the tool")
    calls = [block["toolUse"] for block in answer["output"]["message"]["content"] if "toolUse" in block]
    if len(calls) != 1 or calls[0]["name"] != prompt.TOOL:
        raise Unusable("not one call of the tool")
    return calls[0]["input"]
