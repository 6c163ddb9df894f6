"""The engine outside of the functions that is set."""

from collections.abc import Callable
from typing import Any

from chalicelib.adapters import codes
from chalicelib.ports.engines import Choice, Engine, EngineSettings

SERVICES = {Choice.COMPREHEND: "comprehend", Choice.BEDROCK: "bedrock-runtime"}


def make(settings: EngineSettings, client: Callable[[str], Any]) -> Engine:
    """`client` makes a botocore client that tries once. Raises KeyError for a choice that is none of these."""
    made = client(SERVICES[settings.choice])
    if settings.choice is Choice.COMPREHEND:
        from chalicelib.adapters.engines.comprehend import Comprehend

        return Comprehend(made)
    from chalicelib.adapters.engines.bedrock import Bedrock

    return Bedrock(made, settings.model or "", new_code=codes.new_code)
