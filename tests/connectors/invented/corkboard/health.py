"""Whether the key is good."""

from chalicelib.connectors.corkboard.api import board_call, told

from chalicelib.ports.connector.calls import Steps
from chalicelib.ports.connector.setup import Seen, SetupContext


def check(context: SetupContext) -> Steps[tuple[Seen, ...]]:
    who = told((yield board_call(context, "GET", "/me"))).get("id")
    if who != context.account_id:
        command = f"secrets set {context.channel} key --use send"
        return (Seen(level="fail", text="the key is another writer's", command=command),)
    return (Seen(level="ok", text="the key is good"),)
