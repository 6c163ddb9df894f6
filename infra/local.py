"""The whole stack on this machine."""

from collections.abc import Callable

from chalicelib.config import LOCAL
from infra import deploy, emulator
from infra.emulator import Options
from infra.paths import LOCAL_HOME
from infra.target import Target


def up(options: Options | None = None, *, say: Callable[[str], None] = print) -> Target:
    """Start or refresh the local stage; running it again is safe and quick. Raises Problem."""
    options = options or Options()
    running = emulator.start(options)
    say(f"Local AWS: {running.endpoint}")
    target = Target(stage=LOCAL, endpoint=running.endpoint)
    deploy.deploy_resources(target, say=say)
    deploy.deploy_functions_stack(target, say=say)
    deploy.check(target, say=say)
    return target


def down() -> bool:
    """Stop it and keep its state. False when it was not running."""
    return emulator.stop(LOCAL_HOME)


def wipe() -> None:
    """Stop it and forget everything but what is built from the checkout."""
    emulator.stop(LOCAL_HOME)
    emulator.wipe(LOCAL_HOME)
